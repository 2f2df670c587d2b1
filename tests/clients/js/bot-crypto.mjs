// matrix-bot-sdk's encryption without its native library, which is in no package registry: its postinstall step fetches it from a
// release page. package.json puts a newer WebAssembly build of the same Rust crate in its place. What differs between the two builds
// is levelled here; nothing is encrypted or decided here. Keys are stored in IndexedDB, so they live as long as the process.

import { createRequire } from "node:module";

import "fake-indexeddb/auto";

const bindings = createRequire(import.meta.url)("@matrix-org/matrix-sdk-crypto-nodejs");

/** A request with the names of the native build. To-device requests have them in their body too. */
function request(found) {
    const { id, type, body } = found;
    if (type !== bindings.RequestType.ToDevice) return { id, type, body };
    const { txn_id, event_type } = found;
    const whole = JSON.stringify({ ...JSON.parse(body), txn_id, event_type });
    return { id, type, body: whole, txnId: txn_id, eventType: event_type };
}

/** The WebAssembly build takes ids in lists for good, and its caller uses them again. */
function copies(users) {
    return users.map((user) => user.clone());
}

/** Nobody here has verified anybody, and the native build asks for no more. */
function untrustedToo() {
    return new bindings.DecryptionSettings(bindings.TrustRequirement.Untrusted);
}

/** The `OlmMachine` that matrix-bot-sdk knows. */
class OlmMachine {
    #machine;

    static async initialize(userId, deviceId, storeName) {
        const made = new OlmMachine();
        made.#machine = await native.initialize(userId, deviceId, storeName);
        return made;
    }

    get identityKeys() {
        return this.#machine.identityKeys;
    }

    async outgoingRequests() {
        return (await this.#machine.outgoingRequests()).map(request);
    }

    async shareRoomKey(roomId, users, settings) {
        return (await this.#machine.shareRoomKey(roomId, copies(users), settings)).map(request);
    }

    updateTrackedUsers(users) {
        return this.#machine.updateTrackedUsers(copies(users));
    }

    getMissingSessions(users) {
        return this.#machine.getMissingSessions(copies(users));
    }

    markRequestAsSent(id, type, response) {
        return this.#machine.markRequestAsSent(id, type, response);
    }

    async receiveSyncChanges(events, lists, counts, fallbacks) {
        const found = await this.#machine.receiveSyncChanges(
            events,
            lists,
            new Map(Object.entries(counts)),
            new Set(fallbacks),
            untrustedToo(),
        );
        return `[${found.map((event) => event.rawEvent).join()}]`;
    }

    encryptRoomEvent(roomId, type, content) {
        return this.#machine.encryptRoomEvent(roomId, type, content);
    }

    decryptRoomEvent(event, roomId) {
        return this.#machine.decryptRoomEvent(event, roomId, untrustedToo());
    }

    close() {
        this.#machine.close();
    }
}

const native = bindings.OlmMachine;
bindings.OlmMachine = OlmMachine;
await bindings.initAsync();
