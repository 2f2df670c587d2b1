// A client nobody here wrote, in a page: matrix-js-sdk with its Rust crypto and its own calls. Bundled by `serve.ts` and
// driven from the tests through `window.foreign`.
import {
  type MatrixCall,
  type MatrixClient,
  createClient,
  createNewMatrixCall,
} from "matrix-js-sdk";
import { CallErrorCode, CallEvent } from "matrix-js-sdk/lib/webrtc/call.js";
import { CallEventHandlerEvent } from "matrix-js-sdk/lib/webrtc/callEventHandler.js";

const WITHIN_MS = 30_000;

let client: MatrixClient;
let current: MatrixCall | undefined;
let ended: string | undefined;

/** Resolves with the first truthy value of `look`. */
async function until<T>(what: string, look: () => T | undefined | null | false): Promise<T> {
  for (let waited = 0; waited < WITHIN_MS; waited += 50) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${what} in ${WITHIN_MS} ms`);
}

function follow(call: MatrixCall): void {
  current = call;
  ended = undefined;
  call.on(CallEvent.Error, (error) => console.warn(`the foreign client's call: ${error.message}`));
  call.on(CallEvent.Hangup, () => {
    ended = call.hangupReason ?? "unknown";
  });
  call.on(CallEvent.Replaced, (successor) => follow(successor));
}

const foreign = {
  /** Registers, sets up encryption with cross-signing, and follows the server. */
  async join(baseUrl: string, username: string, password: string): Promise<string> {
    const anonymous = createClient({ baseUrl });
    const account = await anonymous
      .registerRequest({ username, password })
      .catch((error) => anonymous.registerRequest({ username, password, auth: { type: "m.login.dummy", session: error.data.session } }));
    const { user_id: userId, device_id: deviceId, access_token: accessToken } = account;
    if (!userId || !deviceId || !accessToken) throw new Error("the registration gave no session");
    client = createClient({ baseUrl, userId, deviceId, accessToken, timelineSupport: true });
    await client.initRustCrypto({ useIndexedDB: false });
    const identifier = { type: "m.id.user", user: userId };
    await client.getCrypto()!.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: async (request) => {
        await request(null).catch((error) => request({ type: "m.login.password", identifier, password, session: error.data?.session }));
      },
    });
    client.on(CallEventHandlerEvent.Incoming, follow);
    await client.startClient({ initialSyncLimit: 20 });
    await until("first sync", () => client.isInitialSyncComplete());
    return userId;
  },

  /** Joins the encrypted chat it is invited to, and returns its id. */
  async joinChat(): Promise<string> {
    const room = await until("invitation", () => client.getRooms().find((room) => room.getMyMembership() === "invite"));
    await client.joinRoom(room.roomId);
    await until("chat", () => {
      const joined = client.getRoom(room.roomId);
      return joined?.getMyMembership() === "join" && joined.hasEncryptionStateEvent() && joined.getJoinedMemberCount() === 2;
    });
    return room.roomId;
  },

  async say(roomId: string, body: string): Promise<void> {
    await client.sendMessage(roomId, { msgtype: "m.text" as never, body });
  },

  async call(roomId: string, video: boolean): Promise<void> {
    const invitee = client.getRoom(roomId)?.getJoinedMembers().find((member) => member.userId !== client.getUserId())?.userId;
    // Only with an invitee does it see that both call each other at once.
    const call = createNewMatrixCall(client, roomId, { invitee });
    if (!call) throw new Error("this browser has no WebRTC");
    follow(call);
    await (video ? call.placeVideoCall() : call.placeVoiceCall());
  },

  async answer(video: boolean): Promise<void> {
    const call = await until("incoming call", () => (current?.state === "ringing" ? current : undefined));
    await call.answer(true, video);
  },

  async reject(): Promise<void> {
    (await until("incoming call", () => (current?.state === "ringing" ? current : undefined))).reject();
  },

  hangUp(): void {
    current?.hangup(CallErrorCode.UserHangup, false);
  },

  async setCamera(on: boolean): Promise<void> {
    await current?.setLocalVideoMuted(!on);
  },

  async setMuted(muted: boolean): Promise<void> {
    await current?.setMicrophoneMuted(muted);
  },

  async setSharing(on: boolean): Promise<void> {
    await current?.setScreensharingEnabled(on);
  },

  /** How its call stands, and what it makes of what the other side says about its streams. */
  state(): { state: string; ended?: string; feeds: { purpose: string; muted: boolean; cameraOff: boolean }[] } {
    const feeds = (current?.getRemoteFeeds() ?? []).map((feed) => ({
      purpose: feed.purpose,
      muted: feed.isAudioMuted(),
      cameraOff: feed.isVideoMuted(),
    }));
    return { state: current?.state ?? "none", ended, feeds };
  },
};

(window as unknown as { foreign: typeof foreign }).foreign = foreign;

export type Foreign = typeof foreign;
