"""How fast the house judges an organisation's records, and in how much memory: bulk_speed.py <commonweal> [records]

Starts `commonweal serve` on one core, then on two, each time on an emptied database (DATABASE_URL) and state folder
(COMMONWEAL_HOME), and uploads the same invented records to POST /expungement/api/bulk as fast as it takes them. The time runs
from the first upload to the last result. Only the house is held to its cores: PostgreSQL and this loader run where there is room.
"""

import base64
import datetime
import gzip
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request

UPLOAD = 10_000  # records; the service takes 20,000 and 32 MB
DIFFERENT = 100_000  # records; then the same come again, for they take longer to invent than to judge
CHARGES = [  # name, statute, level
    ("Theft in the Second Degree", "164.045", "Misdemeanor Class A"),
    ("Theft in the First Degree", "164.055", "Felony Class C"),
    ("Aggravated Theft in the First Degree", "164.057", "Felony Class B"),
    ("Criminal Trespass in the Second Degree", "164.245", "Misdemeanor Class C"),
    ("Criminal Mischief in the Second Degree", "164.354", "Misdemeanor Class A"),
    ("Forgery in the First Degree", "165.013", "Felony Class C"),
    ("Assault in the Fourth Degree", "163.160", "Misdemeanor Class A"),
    ("Assault in the Third Degree", "163.165", "Felony Class C"),
    ("Harassment", "166.065", "Misdemeanor Class B"),
    ("Disorderly Conduct in the Second Degree", "166.025", "Misdemeanor Class B"),
    ("Poss Controlled Sub 2", "475.894", "Felony Unclassified"),
    ("Possession of Marijuana < 1 Ounce", "475.864", "Violation Unclassified"),
    ("Manufacture/Delivery", "475.860", "Felony Class B"),
    ("Driving Under the Influence", "813.010", "Misdemeanor Class A"),
    ("Driving While Suspended", "811.182", "Misdemeanor Class A"),
    ("Violation of the Basic Rule", "811.100", "Violation Class B"),
    ("Failure to Obey Traffic Control Device", "811.265", "Violation Class B"),
    ("Failure to Appear on Citation", "133.076", "Misdemeanor Class A"),
    ("Contempt of Court", "33.015", "Misdemeanor Unclassified"),
]
COUNTIES = ["Baker", "Benton", "Clackamas", "Deschutes", "Jackson", "Lane", "Marion", "Multnomah", "Washington"]
RULINGS = ["Convicted"] * 5 + ["Dismissed"] * 4 + ["No Complaint", "Acquitted", "Diverted", "Convicted - Failure to Appear"]


def record(number, dice):
    """A person of one to four cases, as the state's are: two cases and two charges each on average."""
    born = dice.randint(1945, 2004)
    cases = []
    for _ in range(dice.choice((1, 1, 2, 2, 3, 4))):
        case_number = f"{dice.randint(1, 26):02}CR{dice.randint(1, 99_999):05}"
        filed = datetime.date(dice.randint(born + 18, 2026), dice.randint(1, 6), dice.randint(1, 28))
        charges = []
        for index in range(dice.choice((1, 1, 2, 2, 3, 4))):
            name, statute, level = dice.choice(CHARGES)
            ruled = filed + datetime.timedelta(days=dice.randint(10, 500))
            is_open = dice.random() < 0.03
            charges.append({
                "ambiguous_charge_id": f"{case_number}-{index + 1}", "name": name, "statute": statute, "level": level,
                "date": str(filed), "probation_revoked": str(ruled) if dice.random() < 0.02 else None, "balance_due_in_cents": 0,
                "disposition": None if is_open else {"date": str(ruled), "ruling": dice.choice(RULINGS), "amended": False},
            })
        cases.append({
            "case_number": case_number, "name": f"EXAMPLE, PERSON {number}", "birth_year": born, "citation_number": "",
            "district_attorney_number": f"{dice.randint(1, 10**7):08}", "sid": f"OR{dice.randint(1, 10**7):08}",
            "location": dice.choice(COUNTIES), "date": str(filed), "violation_type": "Offense Misdemeanor",
            "current_status": "Open" if any(charge["disposition"] is None for charge in charges) else "Closed",
            "case_detail_link": f"CaseDetail.aspx?CaseID={number}", "restitution": dice.random() < 0.02,
            "balance_due_in_cents": dice.choice((0, 0, 0, 12_500, 75_000)), "charges": charges,
        })
    return json.dumps({"id": f"person {number}", "cases": cases}, separators=(",", ":"))


def uploads(records):
    """The same gzipped uploads for both runs."""
    dice = random.Random(20260701)
    bodies = []
    for first in range(0, records, UPLOAD):
        count = min(UPLOAD, records - first)
        if first >= DIFFERENT and count == UPLOAD:
            bodies.append(bodies[len(bodies) % (DIFFERENT // UPLOAD)])
            continue
        lines = [record(number, dice) for number in range(first, first + count)]
        bodies.append(gzip.compress("\n".join(lines).encode(), 6))
    return bodies


class House:
    def __init__(self, binary, home, cores):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{probe.getsockname()[1]}"
        environment = os.environ | {"PORT": self.base.rsplit(":", 1)[1], "COMMONWEAL_HOME": str(home), "LOG_LEVEL": "warn"}
        command = ["taskset", "-c", cores, binary, "serve", "--reset"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        if not any(line.startswith("ready ") for line in self.process.stdout):
            sys.exit("the house did not start")
        keys = json.loads((home / "demo.json").read_text())["api_keys"]
        key = next(key["key"] for key in keys if "expungement" in key["scopes"])
        self.authorization = "Basic " + base64.b64encode(key.encode()).decode()

    def ask(self, path, data=None):
        headers = {"authorization": self.authorization}
        if data is not None:
            headers |= {"content-encoding": "gzip", "content-type": "application/x-ndjson"}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers)) as answer:
            return json.load(answer)

    def peak_memory(self):
        """MiB: the most that the process ever held."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) / 1024

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def run(binary, home, cores, bodies, records):
    house = House(binary, home, cores)
    began = time.monotonic()
    waiting = [house.ask("/expungement/api/bulk", body)["id"] for body in bodies]
    results = 0
    while waiting:
        state = house.ask(f"/expungement/api/bulk/{waiting[0]}")
        if state["status"] != "done":
            time.sleep(0.5)  # a key may ask 300 times a minute
            continue
        results += state["progress"]["records"]
        del waiting[0]
        last = state["results"]["jsonl"]
    rate = records / (time.monotonic() - began)
    # What came out is counted, too, in the last file; the others are as long as their uploads.
    with urllib.request.urlopen(last) as file:
        lines = sum(1 for line in file if b'"record":' in line)
    if results != records or lines != (records - 1) % UPLOAD + 1:
        sys.exit(f"{records} records went in, {results} came out, the last file has {lines} answers")
    peak = house.peak_memory()
    house.end()
    print(f"house on core {cores}: {records} records, {rate:.0f} records/s, at most {peak:.0f} MiB", flush=True)
    return rate, peak


def main():
    binary, records = sys.argv[1], int((sys.argv[2:] or ["100000"])[0])
    home = pathlib.Path(os.environ["COMMONWEAL_HOME"])
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("this needs two cores")
    first, second = sorted(os.sched_getaffinity(0))[:2]
    bodies = uploads(records)
    one, peak_of_one = run(binary, home, str(first), bodies, records)
    two, peak_of_two = run(binary, home, f"{first},{second}", bodies, records)
    peak = max(peak_of_one, peak_of_two)
    print(f"two cores = {two / one:.2f} x one core (to be >= 1.2), peak memory {peak:.0f} MiB (to be <= 256)")
    sys.exit(0 if two >= 1.2 * one and peak <= 256 else 1)


main()
