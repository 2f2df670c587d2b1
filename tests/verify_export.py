"""Second verifier of a log export, written from docs/record-format.md alone: python3 verify_export.py FILE (needs cryptography)."""
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
def need(holds, what):
    if not holds: raise ValueError(what)
def canonical(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def b64(raw): return base64.b64encode(raw).decode()
def raw(text): return base64.b64decode(text, validate=True)
def signed(key, signature, message): Ed25519PublicKey.from_public_bytes(raw(key)).verify(raw(signature), message)

def log_record(h, payload, s):
    p = json.loads(payload)
    need(canonical(p) == payload and (h["class"], h["kind_version"]) == ("plain", 1) and (h["kind"] == "log.genesis") == (h["count"] == 1), "own record")
    if h["kind"] == "log.erased":
        need(p["positions"] == sorted(set(p["positions"])) and p["positions"][-1] < h["position"], "erased positions")
        s["missing"] -= set(p["positions"])
    elif h["kind"] == "log.key_rotated": s["next"] = p["key"]
    else:
        need(h["kind"] in ("log.genesis", "log.epoch") and p["epoch"] == s["epoch"] + 1, "kind or epoch of the log's own record")
        s.update(p, next=p["key"])

def record(line, m, s):
    h, last, own, missing = line["header"], s["last"], line["header"]["stream"] == "log", line.get("missing")
    need(h["version"] in (1, 2), f"record of version {h['version']}, known are 1 and 2")
    need(last["version"] <= h["version"] <= m["version"], "the version falls, or is above the manifest's")
    need(h["count"] > last["count"] and h["position"] > last["position"] and h["at_ms"] >= last["at_ms"], "order")
    follows = h["count"] == last["count"] + 1
    need(not follows or h["previous"] == b64(s["hash"]) and last["rest"] in (0, h["rest"] + 1), "chain")
    need(follows or s["key"] and (m["stream"] or h["position"] <= m["from"] or last["position"] >= m["to"]), "records left out")
    need(own == h["kind"].startswith("log.") and (own or m["from"] <= h["position"] <= m["to"] and m["stream"] in (None, h["stream"])), "stream or part")
    body = sorted(set(line) - {"header", "signature"})
    need(body == ["missing"] or body[:1] in (["payload"], ["payload_base64"]) and body[1:] == ["salt"] * (h["version"] - 1), "payload, salt or missing")
    payload, salt = line["payload"].encode() if "payload" in line else raw(line.get("payload_base64", "")), raw(line.get("salt", ""))
    need(missing or b64(sha(salt, payload)) == h["payload_digest"] and len(salt) == 16 * (h["version"] - 1), "payload or salt does not match the digest")
    need(missing in (None, "erased") or (missing, h["class"]) == ("withheld", "secret"), "right to be missing")
    s["missing"] |= {h["position"]} if missing == "erased" else set()
    if own: log_record(h, payload, s)
    signed(s["key"], line["signature"], canonical(h))
    s.update(last=h, hash=sha(b"\0", canonical(h)), key=s["next"], records=s["records"] + 1, dense=s["dense"] and follows)
    node, size = s["hash"], last["count"]  # the right edge of the Merkle tree grows
    while s["dense"] and size & 1: node, size = sha(b"\1", s["edge"].pop(), node), size >> 1
    s["edge"] = s["edge"] + [node] if s["dense"] else []

def checkpoint(note, s):
    text, (root, *rest) = note.partition("\n\n— " + s["origin"] + " "), s["edge"][::-1]
    for left in rest: root = sha(b"\1", left, root)
    (origin, size, node, time, position), sig = text[0].split("\n"), raw(text[2][:-1])
    need([origin, size, node, position] == [s["origin"], str(s["last"]["count"]), b64(root), f"position {s['last']['position']}"], "root")
    need(sig[:4] == sha(s["origin"].encode(), b"\n\1", raw(s["key"]))[:4] and text[2] == b64(sig) + "\n" and time == f"at_ms {int(time[6:])}", "note")
    signed(s["key"], b64(sig[4:]), (text[0] + "\n").encode())

s = dict(last=dict(version=0, count=0, position=0, at_ms=0, rest=0), hash=bytes(32), key="", next="", epoch=0, records=0, missing=set(), edge=[], dense=True)
digest, m, end, number = hashlib.sha256(), None, None, 0
try:
    for number, bytes_ in enumerate(open(sys.argv[1], "rb"), 1):
        line = json.loads(bytes_)
        need(canonical(line) + b"\n" == bytes_ and not end, "bytes are not canonical, or stand after the end")
        if number == 1:
            m = line["manifest"]; signed(m["key"], line["signature"], canonical(m))
            need((m["format"], m["version"]) in (("event-log-export", 1), ("event-log-export", 2)), f"{m['format']} of version {m['version']}, known are 1 and 2")
        elif "header" in line: record(line, m, s)
        elif "checkpoint" in line: checkpoint(line["checkpoint"], s)
        else: end = line["end"]; signed(m["key"], line["signature"], canonical(end))
        digest.update(b"" if end else bytes_)
    need(end == dict(digest=b64(digest.digest()), records=s["records"]), "cut off, digest or number of lines")
    need(not s["missing"] and s["key"] == m["key"], "payload lost or key")
    need(m["stream"] or m["to"] != m["head"]["position"] or [s["last"]["count"], s["last"]["rest"], b64(s["hash"])] == [m["head"]["count"], 0, m["head"]["hash"]], "head")
except Exception as error:
    sys.exit(f"damage in line {number}, after position {s['last']['position']}: {error!r}")
print(f"whole: {s['records']} records of {s['origin']}, epoch {s['epoch']}, last key {s['key']}")
