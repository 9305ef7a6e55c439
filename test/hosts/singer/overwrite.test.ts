// load_method overwrite, into a file and a lake.
import { describeSingerOverwrite } from '../../contracts/singer-overwrite.ts';
import { storedPlaces } from '../../contracts/stored-place.ts';

for (const [name, placeIn] of storedPlaces) describeSingerOverwrite(name, placeIn);
