// The settings with which a source reads a sandbox.
import type { JsonObject } from '../../src/core/json.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export function sourceSettings(sandbox: Sandbox): JsonObject {
  return {
    gong_access_key: sandbox.gongAccessKey,
    gong_access_key_secret: sandbox.gongAccessKeySecret,
    gong_base_url: sandbox.url,
    semarize_api_key: sandbox.semarizeApiKey,
    semarize_base_url: sandbox.url,
    allowed_hosts: [new URL(sandbox.url).host],
  };
}
