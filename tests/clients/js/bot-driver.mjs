// matrix-bot-sdk with encryption (see bot-crypto.mjs), driven by JSON lines on stdin and stdout. The SDK's own log goes to stderr.
// Its first message in a room takes it 5 to 15 seconds: it asks for sessions with devices before it has asked for the devices.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve } from "./lines.mjs";
// Before the SDK, which asks for its encryption when it is loaded.
import "./bot-crypto.mjs";

const { EncryptedRoomEvent, LogLevel, LogService, MatrixAuth, MatrixClient, RustSdkCryptoStorageProvider, SimpleFsStorageProvider } = (
    await import("matrix-bot-sdk")
).default;

const DEVICE_NAME = "matrix-bot-sdk";
const MESSAGE = "m.room.message";
const ENCRYPTION = {
    type: "m.room.encryption",
    state_key: "",
    content: { algorithm: "m.megolm.v1.aes-sha2" },
};

LogService.setLevel(LogLevel.INFO);

const store = mkdtempSync(join(tmpdir(), "hearth-bot-sdk-"));
let client;
// What `open` needs to make the client anew; set by signing in.
let account;
const invited = new Set();
const seen = [];
// Those who wait for something to come by the sync.
const waiting = new Set();

/** Resolves with the first truthy value of `look`, asked again whenever the sync brings something. */
function until(what, timeoutS, look) {
    return new Promise((resolve, reject) => {
        const finish = (settle, value) => {
            clearTimeout(timer);
            waiting.delete(check);
            settle(value);
        };
        const check = () =>
            look().then((found) => found && finish(resolve, found), (error) => finish(reject, error));
        const timer = setTimeout(() => finish(reject, new Error(`no ${what} in ${timeoutS} s`)), timeoutS * 1000);
        waiting.add(check);
        check();
    });
}

function wake() {
    waiting.forEach((check) => check());
}

function message(event) {
    const { event_id, sender, content, encrypted } = event;
    return { event_id, sender, body: content.body, encrypted };
}

/** The event in the clear, marked as having been encrypted. */
async function decrypt(roomId, event) {
    const { raw } = await client.crypto.decryptRoomEvent(new EncryptedRoomEvent(event), roomId);
    return { ...raw, encrypted: true };
}

/** Makes the client of `account` from what is stored. */
function open() {
    client = new MatrixClient(
        account.url,
        account.access_token,
        new SimpleFsStorageProvider(join(store, "sync.json")),
        new RustSdkCryptoStorageProvider(join(store, "crypto"), 0),
    );
    client.on("room.invite", (roomId) => invited.add(roomId) && wake());
    client.on("room.decrypted_event", (room_id, event) => {
        if (event.type === MESSAGE) seen.push({ ...message({ ...event, encrypted: true }), room_id });
    });
    client.on("room.event", wake);
}

const commands = {
    async login({ url, username, password }) {
        const signedIn = await new MatrixAuth(url).passwordLogin(username, password, DEVICE_NAME);
        const { user_id, device_id } = await signedIn.getWhoAmI();
        account = { url, user_id, device_id, access_token: signedIn.accessToken };
        open();
        return account;
    },

    async start_sync() {
        if (!client) open();
        await client.start();
    },

    async stop_sync() {
        client.stop();
        client.crypto.engine.machine.close();
        client = undefined;
    },

    async create_dm({ user_id }) {
        const room_id = await client.createRoom({
            preset: "trusted_private_chat",
            is_direct: true,
            invite: [user_id],
            initial_state: [ENCRYPTION],
        });
        return { room_id };
    },

    async join({ room_id, timeout_s }) {
        await until("invite", timeout_s, async () => invited.has(room_id));
        await client.joinRoom(room_id);
    },

    async wait_joined({ room_id, user_id, timeout_s }) {
        await until("joined member", timeout_s, async () => {
            const members = await client.getJoinedRoomMembers(room_id);
            return members.includes(user_id) && (await client.crypto.isRoomEncrypted(room_id));
        });
    },

    async send({ room_id, body }) {
        return { event_id: await client.sendMessage(room_id, { msgtype: "m.text", body }) };
    },

    async send_file({ room_id, name, data }) {
        const { buffer, file } = await client.crypto.encryptMedia(Buffer.from(data));
        const url = await client.uploadContent(buffer);
        const content = { msgtype: "m.file", body: name, file: { ...file, url } };
        return { event_id: await client.sendMessage(room_id, content) };
    },

    async wait_message({ room_id, body, timeout_s }) {
        const is = (found) => found.room_id === room_id && found.body === body;
        return await until(`message ${body}`, timeout_s, async () => seen.find(is));
    },

    async history({ room_id }) {
        const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room_id)}/messages`;
        const { chunk } = await client.doRequest("GET", path, { dir: "b", limit: 100 });
        const encrypted = chunk.filter((event) => event.type === "m.room.encrypted").reverse();
        const messages = await Promise.all(encrypted.map((event) => decrypt(room_id, event)));
        return { messages: messages.map(message) };
    },

    async read_file({ room_id, event_id }) {
        const { content } = await client.getEvent(room_id, event_id);
        return { data: [...(await client.crypto.decryptMedia(content.file))] };
    },
};

await serve(commands);
rmSync(store, { recursive: true });
process.exit(0);
