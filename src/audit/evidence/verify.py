"""Verifies an evidence bundle with python3 and openssl alone: python3 verify.py BUNDLE VKEY..."""
import base64, hashlib, json, os, re, subprocess, sys, tempfile
SHAPES = {"bundle": {"v": int, "order": str, "origin": str}, "readme": {"text": str, "verifier": str},
          "definition": {"digest": str, "text": str}, "entry": {"line": str},
          "seal": {"commitment": str, "salt": str, "value": str},
          "proof": {"position": int, "size": int, "path": list}, "checkpoint": {"note": str}}
ORDER = "bundle readme (definition )+(entry )+(seal )*proof checkpoint "
NOTE = r"(([^\n]+)\n([0-9]+)\n([^\n]+)\ntime ([0-9T:.-]+Z)\n)\n\u2014 ([^\s+]+) ([^\n]+)\n"
def need(holds, otherwise):
    if not holds: raise ValueError(otherwise)
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def b64(text, length):
    raw = base64.b64decode(text, validate=True)
    need(len(raw) == length and base64.b64encode(raw).decode() == text, "base64 of other bits or another length")
    return raw
def unique(pairs):
    need(len(dict(pairs)) == len(pairs), "a key stands twice")
    return dict(pairs)
def read(data):  # A line has one writing, and a kind its place: whatever else may mean the same is refused.
    need(data.endswith(b"\n"), "the last line has no end")
    lines = data[:-1].decode("utf-8").split("\n")
    values = [json.loads(line, object_pairs_hook=unique) for line in lines]
    for number, (line, value) in enumerate(zip(lines, values), 1):
        members = [(key, type(member)) for key, member in value.items()]
        need(members == [("kind", str), *SHAPES[value["kind"]].items()], f"line {number}: other members")
        need(json.dumps(value, ensure_ascii=False, separators=(",", ":")) == line, f"line {number}: another writing")
    need(re.fullmatch(ORDER, "".join(value["kind"] + " " for value in values)), "lines in another order")
    return {kind: [value for value in values if value["kind"] == kind] for kind in SHAPES}
def root(node, index, size, path):  # RFC 9162, 2.1.3.2
    need(0 <= index < size, "a position outside of the log")
    last = size - 1
    for sibling in path:
        is_right = index & 1 or index == last
        node = sha(b"\1", sibling, node) if is_right else sha(b"\1", node, sibling)
        while is_right and index and not index & 1: index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    need(last == 0, "a proof of another length")
    return node
def is_signed(text, name, signature, vkey):  # C2SP signed-note; openssl refuses an S that is not below the order
    key_name, number, key = vkey.split("+", 2)
    raw = b64(key, 33)
    need(raw[0] == 1 and sha(key_name.encode(), b"\n", raw)[:4].hex() == number, "a key that is none")
    if (key_name, number) != (name, signature[:4].hex()): return False
    with tempfile.TemporaryDirectory() as folder:
        files = {"key": bytes.fromhex("302a300506032b6570032100") + raw[1:], "text": text, "signature": signature[4:]}
        for file, content in files.items():
            with open(os.path.join(folder, file), "wb") as opened: opened.write(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0
def verify(data, vkeys):
    parts, before = read(data), "0" * 64
    (head,), (proof,), (checkpoint,) = parts["bundle"], parts["proof"], parts["checkpoint"]
    entries = [json.loads(each["line"], object_pairs_hook=unique) for each in parts["entry"]]
    for revision, (entry, part) in enumerate(zip(entries, parts["entry"]), 1):
        place = [head["v"], entry["v"], entry["order"], entry["revision"], entry["prev"]]
        need(place == [1, 1, head["order"], revision, before], f"entry {revision} does not follow the one before it")
        before = sha(part["line"].encode()).hex()
    named = [(digest, digest) for digest in dict.fromkeys(entry["digest"] for entry in entries)]
    found = [(each["digest"], sha(each["text"].encode()).hex()) for each in parts["definition"]]
    need(named == found, "definitions that are not those the entries name")
    sealed = {each: [entry["revision"], at] for entry in entries for at, each in entry["sealed"].items()}
    places = [list(sealed).index(each["commitment"]) for each in parts["seal"]]
    need(places == sorted(set(places)), "sealed values in another order than their commitments")
    for each in parts["seal"]:
        opened = sha(bytes.fromhex(each["salt"]), each["value"].encode()).hex()
        need(re.fullmatch("[0-9a-f]{64}", each["salt"]) and opened == each["commitment"], "a sealed value was altered")
    note = re.fullmatch(NOTE, checkpoint["note"])
    need(note, "a checkpoint of another form")
    text, origin, size, top, time, name, signature = note.groups()
    need(origin == name == head["origin"] and size == str(proof["size"]), "proof and checkpoint of different logs")
    leaf, path = sha(b"\0", bytes.fromhex(before)), [b64(each, 32) for each in proof["path"]]
    need(root(leaf, proof["position"] - 1, proof["size"], path) == b64(top, 32), "the last entry is not in the log")
    need(any([is_signed(text.encode(), name, b64(signature, 68), vkey) for vkey in vkeys]), "not signed by a given key")
    for each in entries: print([each["revision"], each["at"], each["type"], each["actor"]])
    for each in parts["seal"]: print([*sealed[each["commitment"]], json.loads(each["value"])])
    return f"{head['order']!r}: {len(entries)} entries, {len(places)} of {len(sealed)} values open; {origin} at {time}"
if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    try: print("ACCEPTED", verify(open(sys.argv[1], "rb").read(), sys.argv[2:]))
    except Exception as error: sys.exit(f"REFUSED {type(error).__name__}: {error}")
