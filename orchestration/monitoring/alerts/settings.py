"""The settings of alerts in a home's alerts.yml: reading, validation, and the initial file."""

import os
import re
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sources.contracts import load_contracts
from warehouse.home.files import write_text
from warehouse.home.layout import Home

Kind = Literal["load", "system", "finding", "held", "overdue", "edition", "returned"]
KINDS: dict[Kind, str] = {
    "load": "装载",
    "system": "系统",
    "finding": "问题",
    "held": "暂缓采用",
    "overdue": "逾期未报",
    "edition": "分析通报",
    "returned": "需修改的报送",
}
# What a channel receives that names no kinds: a file to be mended concerns its sender alone.
USUAL: tuple[Kind, ...] = ("load", "system", "finding", "held", "overdue", "edition")
# The others are about no department.
OF_DEPARTMENTS: tuple[Kind, ...] = ("finding", "held", "overdue", "returned")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_FILE = re.compile(r"\$\{file:([^}]+)\}")

TEMPLATE = """\
# 告警设置。改好后运行 eco alerts --test，每个渠道会收到一条测试消息。
# 每条告警在每个渠道只发一次；发送失败的，下次装载时（守护进程运行时约五分钟后）重发。

# 附在消息末尾的网址，例如指标报告的地址；不需要可删去。
# link: http://10.0.0.8/report/index.html

# 哪些级别的问题要告警：critical 强制性，verify 核实性，notice 提示性。
finding_severities: [critical]

# 渠道：名称自定。每个渠道都可以加两项限制：
#   kinds: [load, system, finding, held, overdue, edition]
#                             只收这些种类：装载、系统、问题、暂缓采用、逾期未报、分析通报；
#                             另有 returned（报送的文件需修改），写明才收
#   departments: [forestry]   只收关于这些部门的；与部门无关的（装载、系统、通报）不收
# 密码和密钥不必写在本文件里：${变量名} 取自环境变量，${file:/etc/eco/secrets/smtp} 取自文件。
channels:
  日志:
    type: log            # 写入 state/logs/alerts.log

  # 邮件:
  #   type: email
  #   host: smtp.example.gov.cn
  #   port: 465
  #   security: tls      # none、starttls 或 tls
  #   user: eco@example.gov.cn
  #   password: ${ECO_SMTP_PASSWORD}
  #   sender: eco@example.gov.cn
  #   recipients: [zhang@example.gov.cn]

  # 林业局报送人（文件需修改、夜间发现问题、逾期时各收一次）:
  #   type: email
  #   host: smtp.example.gov.cn
  #   sender: eco@example.gov.cn
  #   recipients: [linye@example.gov.cn]
  #   departments: [forestry]
  #   kinds: [returned, finding, held, overdue]

  # 企业微信群机器人:
  #   type: wecom
  #   url: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${ECO_WECOM_KEY}

  # 钉钉群机器人:
  #   type: dingtalk
  #   url: https://oapi.dingtalk.com/robot/send?access_token=${ECO_DINGTALK_TOKEN}
  #   secret: ${ECO_DINGTALK_SECRET}   # 安全设置选“加签”时填写

  # 其他系统:
  #   type: webhook      # 以 JSON 发送：title、text、alerts
  #   url: https://10.0.0.9/alerts
  #   ca_file: /etc/ssl/eco/ca.pem   # 证书由本单位自己的 CA 签发时填写
  #   without_tls: true              # 对方只有 http:// 时填写：消息会以明文传送
"""


class AlertSettingsError(ValueError):
    """alerts.yml cannot be used; the message names the file, the place and the remedy."""


class _Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Channel(_Declaration):
    kinds: tuple[Kind, ...] = USUAL
    departments: tuple[str, ...] = ()

    @field_validator("departments")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        departments = load_contracts().departments
        if unknown := sorted(set(value) - set(departments)):
            raise ValueError(f"{unknown} are none of {', '.join(departments)}")
        return value

    @model_validator(mode="after")
    def _receives_something(self) -> "_Channel":
        if self.departments and not set(self.kinds) & set(OF_DEPARTMENTS):
            raise ValueError(
                f"departments: no alert is about a department of the kinds {', '.join(self.kinds)}"
                f"; add one of {', '.join(OF_DEPARTMENTS)}, or leave departments out"
            )
        return self

    def wants(self, kind: str, department: str | None) -> bool:
        """Return whether this channel receives alerts of a kind about a department, if any.

        A channel of some departments receives alerts about these alone.
        """
        ours = not self.departments or department in self.departments
        return kind in self.kinds and ours


class LogChannel(_Channel):
    """Alerts are appended to state/logs/alerts.log, one line each."""

    type: Literal["log"]


class EmailChannel(_Channel):
    """Alerts are sent by e-mail (SMTP)."""

    type: Literal["email"]
    host: str
    port: int = Field(25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = None
    sender: str = Field(pattern=r"^\S+@\S+$")
    recipients: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _login(self) -> "EmailChannel":
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: give both or neither")
        if self.password and self.security == "none" and not is_loopback(self.host):
            raise ValueError("security: a password is sent by starttls or tls alone")
        return self


class WebhookChannel(_Channel):
    """Alerts are sent to a robot of 企业微信 or 钉钉, or to any address that accepts JSON.

    `ca_file` has the certificates that sign the server's, where the system does not know them.
    """

    type: Literal["wecom", "dingtalk", "webhook"]
    url: str = Field(pattern=r"^https?://\S+$")
    secret: str | None = None
    ca_file: Path | None = None
    without_tls: bool = False

    @model_validator(mode="after")
    def _encrypted(self) -> "WebhookChannel":
        address = urlsplit(self.url)
        if address.scheme == "https" or is_loopback(address.hostname or ""):
            return self
        if self.type != "webhook":
            raise ValueError("url: the address has the robot's key; it begins with https://")
        if not self.without_tls:
            raise ValueError(
                "url: use https://, or say `without_tls: true` where the server has http:// alone"
            )
        return self

    @model_validator(mode="after")
    def _signed(self) -> "WebhookChannel":
        if self.secret is not None and self.type != "dingtalk":
            raise ValueError("secret: only messages to dingtalk are signed")
        return self


Channel = Annotated[LogChannel | EmailChannel | WebhookChannel, Field(discriminator="type")]


class AlertSettings(_Declaration):
    """The content of alerts.yml."""

    link: str | None = None
    finding_severities: tuple[Literal["critical", "verify", "notice"], ...] = ("critical",)
    channels: dict[str, Channel] = {"日志": LogChannel(type="log")}


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its name or address."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _filled(content: Any, where: str, file: Path) -> Any:
    """Replace ${NAME} by the environment variable NAME, ${file:PATH} by the content of a file.

    `where` is the path of `content` in alerts.yml.
    """
    if isinstance(content, dict):
        return {k: _filled(v, f"{where}.{k}".lstrip("."), file) for k, v in content.items()}
    if isinstance(content, list):
        return [_filled(item, f"{where}.{n}", file) for n, item in enumerate(content)]
    if not isinstance(content, str):
        return content
    for name in _VARIABLE.findall(content):
        if name not in os.environ:
            raise AlertSettingsError(
                f"{file}: {where}: the environment variable {name} is not set; set it for every "
                "process of the warehouse (docs/operations.md), or write the value here"
            )
    content = _VARIABLE.sub(lambda found: os.environ[found[1]], content)
    return _FILE.sub(lambda found: _secret(Path(found[1]), where, file), content)


def _secret(path: Path, where: str, file: Path) -> str:
    """Return the content of a file that holds a secret, without the line's end."""
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise AlertSettingsError(
            f"{file}: {where}: {path} cannot be read: {reason}; it holds the secret alone, and "
            "the user of the services may read it"
        ) from None


def secret_variables(home: Home) -> list[str]:
    """Return the environment variables that a home's alerts.yml names."""
    try:
        return _VARIABLE.findall(home.alert_settings.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []


def load_settings(home: Home) -> AlertSettings:
    """Read a home's alerts.yml; without one, alerts are only logged.

    Raises AlertSettingsError.
    """
    file = home.alert_settings
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return AlertSettings.model_validate(_filled(content, "", file))
    except FileNotFoundError:
        return AlertSettings()
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise AlertSettingsError(f"{file}: it cannot be read as YAML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise AlertSettingsError("\n  ".join([f"{file} has errors:", *lines])) from error


def write_template(home: Home) -> None:
    """Write the initial alerts.yml into a home that has none."""
    if not home.alert_settings.exists():
        write_text(home.alert_settings, TEMPLATE)
        home.alert_settings.chmod(0o640)  # it may contain passwords
