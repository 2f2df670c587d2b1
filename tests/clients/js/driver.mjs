// matrix-js-sdk with its Rust crypto, driven by JSON lines on stdin and stdout. The SDK's own log goes to stderr.

import "fake-indexeddb/auto";

import { Attachment, EncryptedAttachment } from "@matrix-org/matrix-sdk-crypto-wasm";

import { serve } from "./lines.mjs";

const sdk = await import("matrix-js-sdk");
const { SlidingSync } = await import("matrix-js-sdk/lib/sliding-sync.js");
const { ClientEvent, EventType, MatrixEventEvent, MsgType, Preset, RoomEvent } = sdk;

const SLIDING = process.argv.includes("--sliding-sync");
const CHANGES = [
    ClientEvent.Sync,
    ClientEvent.Room,
    ClientEvent.DeleteRoom,
    RoomEvent.Timeline,
    RoomEvent.MyMembership,
    "RoomState.members",
    "RoomState.events",
    MatrixEventEvent.Decrypted,
];

let client;
// What `open` needs to make the client anew; set by signing in.
let account;

/** Resolves with the first truthy value of `look`, asked again whenever the client reports a change. */
function until(what, timeoutS, look) {
    return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
            clearTimeout(timer);
            CHANGES.forEach((name) => client.off(name, check));
            settle(value);
        };
        const check = () => {
            const found = look();
            if (found) finish(resolve, found);
        };
        const timer = setTimeout(() => finish(reject, new Error(`no ${what} in ${timeoutS} s`)), timeoutS * 1000);
        CHANGES.forEach((name) => client.on(name, check));
        check();
    });
}

/** Runs `request` without authentication first, and again with `auth` if the server asks for it. */
async function withUia(request, auth) {
    try {
        return await request(null);
    } catch (error) {
        if (error.httpStatus !== 401 || !error.data?.flows) throw error;
        return await request({ ...auth, session: error.data.session });
    }
}

/** Makes the client of `account`. Its crypto store lives as long as this process and outlives the client. */
async function open() {
    client = sdk.createClient({
        baseUrl: account.url,
        userId: account.user_id,
        deviceId: account.device_id,
        accessToken: account.access_token,
        timelineSupport: true,
    });
    await client.initRustCrypto({ cryptoDatabasePrefix: account.device_id });
}

async function signedIn(url, password, { user_id, device_id, access_token }) {
    account = { url, user_id, device_id, access_token };
    await open();
    const identifier = { type: "m.id.user", user: user_id };
    await client.getCrypto().bootstrapCrossSigning({
        authUploadDeviceSigningKeys: (request) =>
            withUia(request, { type: "m.login.password", identifier, password }),
    });
    return { user_id, device_id, access_token };
}

function message(event) {
    return {
        event_id: event.getId(),
        sender: event.getSender(),
        body: event.getContent().body,
        encrypted: event.isEncrypted(),
    };
}

function isMessage(event) {
    return event.getType() === EventType.RoomMessage && !event.isDecryptionFailure();
}

const commands = {
    async register({ url, username, password }) {
        const anonymous = sdk.createClient({ baseUrl: url });
        const body = { username, password, initial_device_display_name: "matrix-js-sdk" };
        const answer = await withUia(
            (auth) => anonymous.registerRequest(auth ? { ...body, auth } : body),
            { type: "m.login.dummy" },
        );
        return await signedIn(url, password, answer);
    },

    async login({ url, username, password }) {
        const answer = await sdk.createClient({ baseUrl: url }).loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user: username },
            password,
            initial_device_display_name: "matrix-js-sdk",
        });
        return await signedIn(url, password, answer);
    },

    async start_sync() {
        if (!client) await open();
        const room = { timeline_limit: 20, required_state: [["*", "*"]] };
        const options = { initialSyncLimit: 20, lazyLoadMembers: !SLIDING };
        if (SLIDING) {
            const lists = new Map([["all", { ranges: [[0, 20]], ...room }]]);
            options.slidingSync = new SlidingSync(client.getHomeserverUrl(), lists, room, client, 10_000);
        }
        await client.startClient(options);
        await until("first sync", 30, () => client.isInitialSyncComplete());
    },

    async stop_sync() {
        // The SDK takes its crypto down with the sync, so coming back takes a new client, as after a reload.
        client.stopClient();
        client = undefined;
    },

    async create_dm({ user_id }) {
        const { room_id } = await client.createRoom({
            preset: Preset.TrustedPrivateChat,
            is_direct: true,
            invite: [user_id],
            initial_state: [
                { type: EventType.RoomEncryption, state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } },
            ],
        });
        const direct = client.getAccountData(EventType.Direct)?.getContent() ?? {};
        await client.setAccountData(EventType.Direct, {
            ...direct,
            [user_id]: [...(direct[user_id] ?? []), room_id],
        });
        return { room_id };
    },

    async join({ room_id, timeout_s }) {
        await until("invite", timeout_s, () => client.getRoom(room_id)?.getMyMembership() === "invite");
        await client.joinRoom(room_id);
        await until("join", timeout_s, () => client.getRoom(room_id)?.getMyMembership() === "join");
    },

    async wait_joined({ room_id, user_id, timeout_s }) {
        await until("joined member", timeout_s, () => {
            const room = client.getRoom(room_id);
            return room?.getMember(user_id)?.membership === "join" && room.hasEncryptionStateEvent();
        });
    },

    async send({ room_id, body }) {
        const { event_id } = await client.sendMessage(room_id, { msgtype: MsgType.Text, body });
        return { event_id };
    },

    // Apps encrypt files themselves, with the SDK's bindings or the browser's means.
    async send_file({ room_id, name, data }) {
        const encrypted = Attachment.encrypt(new Uint8Array(data));
        const file = JSON.parse(encrypted.mediaEncryptionInfo);
        const { content_uri } = await client.uploadContent(encrypted.encryptedData, { includeFilename: false });
        const content = { msgtype: MsgType.File, body: name, file: { ...file, url: content_uri } };
        const { event_id } = await client.sendMessage(room_id, content);
        return { event_id };
    },

    async read_file({ room_id, event_id }) {
        const event = client.getEventMapper()(await client.fetchRoomEvent(room_id, event_id));
        await client.decryptEventIfNeeded(event);
        const { file } = event.getContent();
        const url = client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true);
        const headers = { authorization: `Bearer ${client.getAccessToken()}` };
        const encrypted = new Uint8Array(await (await fetch(url, { headers })).arrayBuffer());
        return { data: [...Attachment.decrypt(new EncryptedAttachment(encrypted, JSON.stringify(file)))] };
    },

    async wait_message({ room_id, body, timeout_s }) {
        const event = await until(`message ${body}`, timeout_s, () => {
            const room = client.getRoom(room_id);
            // What a window on the room does when it opens; without it some events stay encrypted until they are shown.
            room?.decryptAllEvents();
            const events = room?.getLiveTimeline().getEvents() ?? [];
            return events.find((event) => isMessage(event) && event.getContent().body === body);
        });
        return message(event);
    },

    async history({ room_id }) {
        const answer = await client.createMessagesRequest(room_id, null, 100, "b");
        const events = answer.chunk.map(client.getEventMapper());
        await Promise.all(events.map((event) => client.decryptEventIfNeeded(event)));
        return { messages: events.filter(isMessage).reverse().map(message) };
    },

    async logout() {
        await client.logout(true);
    },
};

await serve(commands);
client?.stopClient();
process.exit(0);
