// Deletes at the source, into a file and a lake.
import { describeSingerDeletes } from '../../contracts/singer-deletes.ts';
import { storedPlaces } from '../../contracts/stored-place.ts';

for (const [name, placeIn] of storedPlaces) describeSingerDeletes(name, placeIn);
