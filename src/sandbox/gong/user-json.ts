// A user as Gong writes it; what is not set is null.
import type { JsonObject } from '../../core/json.ts';
import { formatWithOffset } from '../world/time.ts';
import type { WorldUser } from '../world/world.ts';

export function toUser(user: WorldUser): JsonObject {
  return {
    id: user.id,
    emailAddress: user.email,
    created: formatWithOffset(user.createdMs, user.utcOffsetMinutes),
    active: user.active,
    emailAliases: [],
    trustedEmailAddress: null,
    firstName: user.firstName,
    lastName: user.lastName,
    title: user.title,
    phoneNumber: null,
    extension: null,
    personalMeetingUrls: [],
    settings: {
      webConferencesRecorded: true,
      preventWebConferenceRecording: false,
      telephonyCallsImported: true,
      emailsImported: true,
      preventEmailImport: false,
      nonRecordedMeetingsImported: false,
      gongConnectEnabled: true,
    },
    managerId: user.managerId,
    meetingConsentPageUrl: null,
    spokenLanguages: [{ language: 'en-US', primary: true }],
  };
}
