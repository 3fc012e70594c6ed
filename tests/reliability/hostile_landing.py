"""Landing folders as a careless or hostile sender may leave them, each entry beside good files.

`fill` makes them all at once and says what the intake must make of each.

    python -m tests.reliability.hostile_landing

takes them in with `eco ingest`, publishes with `eco nightly`, and looks whether each entry has its
verdict in the published file or is named by `eco status`, and whether a second intake tries none
again. The suite takes them in without a night (`test_hostile_landing.py`).
"""

import io
import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.portal.content import explanation_csv
from sources.contracts import load_contracts
from warehouse.home.layout import Home

GOOD = "说明.csv"
DEEP = 1_100
DEPARTMENTS = load_contracts()["finding_explanations"].departments_allowed
_FOREST = "年份,区域,森林覆盖率\n{year},全县,46\n"


@dataclass
class Hostile:
    """What was put into landing.

    `refused`, `taken`: (department, file name as shown) of the entries that get a receipt with that
    verdict. `left`: codes of the entries that stay, by path as shown. `outside` must not change.
    """

    outside: Path
    taken: set[tuple[str, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)
    left: dict[str, str] = field(default_factory=dict)
    year: int = 2000

    def table(self, folder: Path, name: str | bytes, shown: str | None = None) -> None:
        """Put a table into a folder that is taken in whole."""
        self.year += 1
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(_FOREST.format(year=self.year).encode())
        self.taken.add(("forestry", shown or os.fsdecode(name)))


def fill(home: Home, outside: Path) -> Hostile:
    """Put a good file of each department into landing and everything odd beside them."""
    outside.mkdir()
    (outside / "secret.csv").write_text(_FOREST.format(year=1994), encoding="utf-8")
    made = Hostile(outside)
    for code in DEPARTMENTS:
        content = explanation_csv("0123456789ab", f"{code} 的说明", "某人")
        (home.department(code) / GOOD).write_bytes(content)
        made.taken.add((code, GOOD))
    _names(home, made)
    _kinds(home, made)
    _in_place_of_receipts(home, made)
    _in_landing_itself(home, made)
    _archives(home, made)
    return made


def _names(home: Home, made: Hostile) -> None:
    folder = home.department("forestry")
    made.table(folder, "森林.csv".encode("gb18030"), "森林.csv")
    made.table(folder, b"\xff\xfe.csv", "\\xff\\xfe.csv")
    made.table(folder, "一行\n两行\x1b[31m.csv", "一行\\n两行\\x1b[31m.csv")
    made.table(folder, "反\u202evsc.csv", "反\\u202evsc.csv")
    for name in ("a" * 251 + ".csv", "林" * 83 + ".csv", "-rf", "%s{0}.csv", "<script>.csv", "\\"):
        made.table(folder, name)
    inner = os.path.join(os.fsencode(folder), "旧共享".encode("gb18030"))
    os.mkdir(inner)
    made.table(Path(os.fsdecode(inner)), "里面.csv")
    (folder / "文件夹.csv").mkdir()
    (folder / "..taken").write_text("x", encoding="utf-8")
    made.left["forestry/..taken"] = "reserved_name"
    (folder / ".x.taken").mkdir()
    (folder / ".x.taken" / "y.csv").write_text("x", encoding="utf-8")
    made.left["forestry/.x.taken"] = "reserved_name"
    made.table(folder, ".z.csv.taken", "z.csv")
    _deep(folder)
    made.left["forestry/" + "/".join("d" * 33)] = "too_deep"
    with (folder / "大.csv").open("wb") as file:
        file.truncate(17 << 30)
    made.left["forestry/大.csv"] = "too_large"
    (home.receipts("forestry") / "没有读取的内容.txt").mkdir()
    (home.receipts("forestry") / "别人的回执.html").write_text("<p>已入库</p>", encoding="utf-8")
    made.refused.add(("forestry", "别人的回执.html"))


def _deep(folder: Path) -> None:
    """Make folders in each other, deeper than a path may be long, with a table at the bottom."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    bottom = os.open("x.csv", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
    os.write(bottom, b"x")
    os.close(bottom)
    os.close(descriptor)


def _kinds(home: Home, made: Hostile) -> None:
    folder = home.department("natural_resources")
    (folder / "链接.csv").symlink_to(made.outside / "secret.csv")
    (folder / "文件夹链接").symlink_to(made.outside)
    (folder / "断链.csv").symlink_to("nowhere")
    (folder / "环.csv").symlink_to("环.csv")
    (folder / "上层").symlink_to("..")
    os.mkfifo(folder / "管道.csv")
    # Its path is too long for the address of a socket.
    short = made.outside.parent / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(short))
    shutil.move(short, folder / "套接字.csv")
    names = ["链接.csv", "文件夹链接", "断链.csv", "环.csv", "上层", "管道.csv", "套接字.csv"]
    if os.geteuid() == 0:
        os.mknod(folder / "设备.csv", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        names.append("设备.csv")
    made.refused |= {("natural_resources", name) for name in names}
    (folder / "空.csv").write_bytes(b"")
    made.refused.add(("natural_resources", "空.csv"))


def _in_place_of_receipts(home: Home, made: Hostile) -> None:
    renamed = "receipts（已改名1）"
    for code in ("agriculture", "energy", "industry", "statistics", "housing"):
        shutil.rmtree(home.receipts(code))
        made.refused.add((code, renamed))
    home.receipts("agriculture").symlink_to(made.outside)
    home.receipts("energy").symlink_to(home.receipts("ecology"))
    home.receipts("industry").symlink_to("nowhere")
    os.mkfifo(home.receipts("statistics"))
    home.receipts("housing").write_text("您好，\n附件请查收。\n", encoding="utf-8")


def _in_landing_itself(home: Home, made: Hostile) -> None:
    (home.landing / "没有部门.csv").write_text(_FOREST.format(year=1993), encoding="utf-8")
    os.mkfifo(home.landing / "管道")
    made.refused |= {("", "没有部门.csv"), ("", "管道")}
    (home.landing / "链接").symlink_to(made.outside)
    made.left["链接"] = "linked_folder"
    nobody = os.path.join(os.fsencode(home.landing), "某局".encode("gb18030"))
    os.mkdir(nobody)
    with open(os.path.join(nobody, b"a.csv"), "wb") as file:
        file.write(_FOREST.format(year=1992).encode())
    made.refused.add(("某局", "a.csv"))


def _archives(home: Home, made: Hostile) -> None:
    with zipfile.ZipFile(home.department("forestry") / "打包.zip", "w") as archive:
        archive.writestr("好.csv", _FOREST.format(year=1990))
        archive.writestr("../../secret.csv", _FOREST.format(year=1991))
        link = zipfile.ZipInfo("链接.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    made.taken.add(("forestry", "打包.zip"))
    (home.department("water_affairs") / "远.xlsx").write_bytes(far_cell())
    made.refused.add(("water_affairs", "远.xlsx"))


def far_cell() -> bytes:
    """Return a workbook whose only cell is the last that a sheet can have."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    form = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{types}'>"
        f"<Override PartName='/xl/workbook.xml' ContentType='{form}.sheet.main+xml'/>"
        f"<Override PartName='/xl/s.xml' ContentType='{form}.worksheet+xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{package}'><Relationship Id='a' "
        f"Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{office}'><sheets>"
        "<sheet name='s' sheetId='1' r:id='b'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{package}'><Relationship Id='b' "
        f"Type='{office}/worksheet' Target='s.xml'/></Relationships>",
        "xl/s.xml": f"<worksheet xmlns='{main}'><sheetData>"
        "<row r='1048576'><c r='XFD1048576' t='n'><v>1</v></c></row></sheetData></worksheet>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def clear(root: Path) -> None:
    """Remove a folder: Python's own way fails on folders that are too deep."""
    subprocess.run(["rm", "-rf", root], check=True)


def main() -> None:
    """Run a night over them in a new home; print how it ended."""
    from tests.conftest import Eco

    root = Path(tempfile.mkdtemp())
    eco = Eco(root / "home")
    try:
        eco("init", "--demo")
        made = fill(eco.home, root / "outside")
        first = json.loads(eco("ingest", "--json").stdout)
        good = {o["department"] for o in first if o["file_name"] == GOOD}
        assert good == set(DEPARTMENTS)
        again = json.loads(eco("ingest", "--json").stdout)
        assert {o["outcome"] for o in first} == {"taken", "left"}
        assert {o["outcome"] for o in again} == {"left"}
        print(f"{len(first)} entries, {len(again)} of them left; a second intake tries none again")
        assert json.loads(eco("nightly", "--json").stdout)["result"] == "published"
        published = {
            (department, name): status
            for department, name, status in eco.sql(
                "select department, file_name, status from marts.submissions"
            )
        }
        assert made.refused <= {key for key, status in published.items() if status == "refused"}
        assert made.taken <= published.keys()
        status = json.loads(eco("status", "--json").stdout)
        assert {o["path"]: o["code"] for o in status["obstacles"]} == made.left
        print(f"published; eco status names {status['obstacle_count']}: {made.left}")
    finally:
        clear(root)


if __name__ == "__main__":
    main()
