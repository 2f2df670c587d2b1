// A client nobody here wrote, in a page: matrix-js-sdk with its Rust crypto and its own calls. Bundled by `serve.ts` and
// driven from the tests through `window.foreign`.
import {
  type MatrixCall,
  type MatrixClient,
  createClient,
  createNewMatrixCall,
} from "matrix-js-sdk";
import {
  CryptoEvent,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  type Verifier,
  VerifierEvent,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { CallErrorCode, CallEvent } from "matrix-js-sdk/lib/webrtc/call.js";
import { CallEventHandlerEvent } from "matrix-js-sdk/lib/webrtc/callEventHandler.js";

const WITHIN_MS = 30_000;

let client: MatrixClient;
let current: MatrixCall | undefined;
let ended: string | undefined;
let request: VerificationRequest | undefined;
let compared: ShowSasCallbacks | undefined;

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

/** Goes along with a comparison of emoji as soon as either side has begun it. */
function followVerification(begun: VerificationRequest): void {
  request = begun;
  compared = undefined;
  let verifier: Verifier | undefined;
  begun.on(VerificationRequestEvent.Change, () => {
    // There is a verifier as soon as either side has begun.
    if (begun.phase !== VerificationPhase.Started || !begun.verifier || begun.verifier === verifier) return;
    verifier = begun.verifier;
    verifier.on(VerifierEvent.ShowSas, (sas) => {
      compared = sas;
    });
    verifier.verify().catch((error) => console.warn(`the foreign client's comparison: ${error.message}`));
  });
}

const foreign = {
  /** Registers, sets up encryption, with cross-signing unless told otherwise, and follows the server. */
  async join(baseUrl: string, username: string, password: string, withIdentity = true): Promise<string> {
    const anonymous = createClient({ baseUrl });
    const account = await anonymous
      .registerRequest({ username, password })
      .catch((error) => anonymous.registerRequest({ username, password, auth: { type: "m.login.dummy", session: error.data.session } }));
    const { user_id: userId, device_id: deviceId, access_token: accessToken } = account;
    if (!userId || !deviceId || !accessToken) throw new Error("the registration gave no session");
    client = createClient({ baseUrl, userId, deviceId, accessToken, timelineSupport: true });
    await client.initRustCrypto({ useIndexedDB: false });
    const identifier = { type: "m.id.user", user: userId };
    if (withIdentity) {
      await client.getCrypto()!.bootstrapCrossSigning({
        authUploadDeviceSigningKeys: async (request) => {
          await request(null).catch((error) => request({ type: "m.login.password", identifier, password, session: error.data?.session }));
        },
      });
    }
    client.on(CallEventHandlerEvent.Incoming, follow);
    client.on(CryptoEvent.VerificationRequestReceived, followVerification);
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

  /** What it can read of the messages in a chat, and "?" for each that it cannot. */
  texts(roomId: string): string[] {
    const events = client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [];
    const sent = events.filter((event) => event.getWireType() === "m.room.encrypted");
    return sent.map((event) => (event.isDecryptionFailure() ? "?" : String(event.getContent().body)));
  },

  /** Asks its only other person in the chat to compare emoji. */
  async askToCompare(roomId: string, userId: string): Promise<void> {
    followVerification(await client.getCrypto()!.requestVerificationDM(userId, roomId));
  },

  /** Agrees to compare, when it is asked. */
  async acceptComparison(): Promise<void> {
    const asked = await until("request to compare", () => (request?.phase === VerificationPhase.Requested ? request : undefined));
    await asked.accept();
  },

  /** Begins to exchange keys, as whoever has asked does, once the other side has agreed. */
  async startComparison(): Promise<void> {
    const ready = await until("answer", () => (request?.phase === VerificationPhase.Ready ? request : undefined));
    await ready.startVerification("m.sas.v1");
  },

  /** The words of the emoji that it would show. */
  async emoji(): Promise<string[]> {
    const sas = await until("emoji", () => compared?.sas.emoji);
    return sas.map(([, word]) => word);
  },

  async judge(same: boolean): Promise<void> {
    if (same) await compared?.confirm();
    else compared?.mismatch();
  },

  async isVerified(userId: string): Promise<boolean> {
    return (await client.getCrypto()!.getUserVerificationStatus(userId)).isVerified();
  },

  /** Why the comparison came to nothing, as a code of the specification. */
  cancelled(): string | undefined {
    return request?.cancellationCode ?? undefined;
  },

  /** Puts the other side on hold, or goes on. */
  hold(on: boolean): void {
    current?.setRemoteOnHold(on);
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
