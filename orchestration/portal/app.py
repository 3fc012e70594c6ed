"""The portal's pages and actions, as a Starlette application.

GET never changes anything. Every action needs a session, the session's token and, where the
browser says where it comes from, this site as the origin.
"""

import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import cache, wraps
from importlib.resources import files
from urllib.parse import unquote, urlsplit

import jinja2
from markdown_it import MarkdownIt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from orchestration.intake.department_files import manual_text
from orchestration.intake.service import Intake
from orchestration.portal.content import Content, explanation_csv
from orchestration.portal.sessions import COOKIE, RateLimit, Session, Sessions, same_token
from orchestration.portal.uploads import UploadRefused, receive, safe_name
from orchestration.portal.users import Users
from sources.contracts import Contracts
from sources.limits import Limits
from warehouse.home.clock import county_day, now
from warehouse.home.layout import Home
from warehouse.home.software import software_version

_log = logging.getLogger(__name__)
_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LONGEST_EXPLANATION = 2000
_NOT_SAVED = "服务器暂时无法保存，数据组会得到通知，请稍后重试。"
_STATIC = {"portal.css": "text/css; charset=utf-8", "portal.js": "text/javascript; charset=utf-8"}


class _SecurityHeaders(BaseHTTPMiddleware):
    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        for name, value in _SECURITY.items():
            response.headers.setdefault(name, value)
        return response


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("orchestration.portal"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )


def _signed_in(
    handler: Callable[["Portal", Request, Session], Awaitable[Response]],
) -> Callable[["Portal", Request], Awaitable[Response]]:
    """Give a page its request's session; send those without one to the sign-in page."""

    @wraps(handler)
    async def page(portal: "Portal", request: Request) -> Response:
        session = portal.session_of(request)
        if session is None:
            return RedirectResponse("/sign-in", 303)
        return await handler(portal, request, session)

    return page


class Portal:
    """The portal of one home; `secure` says that browsers reach it over TLS."""

    def __init__(self, home: Home, contracts: Contracts, *, secure: bool = False) -> None:
        self.home = home
        self.contracts = contracts
        self.users = Users(home)
        self.sessions = Sessions()
        self.content = Content(home, contracts)
        self.secure = secure
        self.limits = Limits()
        self._attempts_of_address = RateLimit(20, 300)
        self._attempts_of_name = RateLimit(8, 900)
        self._uploads = RateLimit(60, 60)

    # Pages

    async def sign_in_page(self, request: Request) -> Response:
        """Show the form for signing in."""
        if self.session_of(request) is not None:
            return RedirectResponse("/", 303)
        return self._page("sign_in.html.j2", title="登录", error=None)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session for a name and its password."""
        if not self._same_origin(request):
            return self._refused("来源不明的请求，已拒绝。", 403)
        form = await request.form(max_files=0, max_fields=4)
        name, password = (str(form.get(key, ""))[:200] for key in ("name", "password"))
        address = request.client.host if request.client else ""
        if not (self._attempts_of_address.allows(address) and self._attempts_of_name.allows(name)):
            error = "尝试次数过多，请稍后再试。"
            return self._page("sign_in.html.j2", 429, title="登录", error=error)
        user = self.users.verified(name, password)
        if user is None or user.department not in self.contracts.departments:
            error = "账号或密码不正确。"
            return self._page("sign_in.html.j2", 403, title="登录", error=error)
        self._attempts_of_name.forget(name)
        self.sessions.end(request.cookies.get(COOKIE))
        token, _ = self.sessions.begin(user)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE, token, httponly=True, samesite="strict", secure=self.secure, path="/"
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        session = self.session_of(request)
        form = await request.form(max_files=0, max_fields=4)
        if session is not None and self._is_ours(request, session, str(form.get("csrf", ""))):
            self.sessions.end(request.cookies.get(COOKIE))
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    @_signed_in
    async def overview(self, request: Request, session: Session) -> Response:
        """Show the upload area, what is due, the latest receipts and the number of questions."""
        department = session.user.department
        return self._page(
            "overview.html.j2",
            session=session,
            title="报送",
            receipts=self.content.receipts(department, 10),
            waiting=self.content.waiting(department),
            due=self.content.due(department, county_day(now())),
            questions=len(self.content.questions(department)),
            most_mib=self.limits.max_bytes // (1024 * 1024),
        )

    @_signed_in
    async def receipts(self, request: Request, session: Session) -> Response:
        """Show all earlier receipts."""
        found = self.content.receipts(session.user.department)
        return self._page("receipts.html.j2", session=session, title="历次回执", receipts=found)

    @_signed_in
    async def receipt(self, request: Request, session: Session) -> Response:
        """Return a file of the department's own receipts."""
        name = request.path_params["name"]
        found = self.content.receipt_file(session.user.department, name)
        if found is None:
            return self._refused("没有这份回执。", 404, session)
        content, media = found
        headers = {}
        if not media.startswith("text/html"):
            headers["Content-Disposition"] = "attachment"
        return Response(content, media_type=media, headers=headers)

    @_signed_in
    async def questions(self, request: Request, session: Session) -> Response:
        """Show the findings that the department may explain."""
        found = self.content.questions(session.user.department)
        return self._page(
            "questions.html.j2",
            session=session,
            title="问题清单",
            questions=found,
            sent="sent" in request.query_params,
        )

    async def explain(self, request: Request) -> Response:
        """Put an explanation of a finding into landing, as a table of 问题说明."""
        session = self.session_of(request)
        form = await request.form(max_files=0, max_fields=4)
        if session is None:
            return RedirectResponse("/sign-in", 303)
        if not self._is_ours(request, session, str(form.get("csrf", ""))):
            return self._refused("页面已失效，请刷新后重试。", 403, session)
        finding = str(form.get("finding_id", ""))
        text = " ".join(str(form.get("explanation", "")).split())
        known = {q.finding_id for q in self.content.questions(session.user.department)}
        if finding not in known or not text or len(text) > LONGEST_EXPLANATION:
            message = f"请填写 1 至 {LONGEST_EXPLANATION} 字的情况说明。"
            return self._refused(message, 400, session)
        content = explanation_csv(finding, text, session.user.name)

        async def stream() -> AsyncIterator[bytes]:
            yield content

        name = f"问题说明-{finding}-{time.strftime('%Y%m%d%H%M%S')}.csv"
        folder = self.home.department(session.user.department)
        try:
            await receive(stream(), folder, name, most_bytes=len(content))
        except OSError as error:
            _log.error("%s: an explanation could not be saved: %s", folder, error)
            return self._refused(_NOT_SAVED, 503, session)
        return RedirectResponse("/questions?sent=1", 303)

    @_signed_in
    async def templates(self, request: Request, session: Session) -> Response:
        """Show the templates of the department."""
        found = self.content.templates(session.user.department)
        return self._page("templates.html.j2", session=session, title="填报模板", templates=found)

    @_signed_in
    async def template(self, request: Request, session: Session) -> Response:
        """Return a template as a spreadsheet."""
        dataset = request.path_params["dataset"]
        found = self.content.template(session.user.department, dataset)
        if found is None:
            return self._refused("没有这份模板。", 404, session)
        _, content = found
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        headers = {"Content-Disposition": f'attachment; filename="{dataset}.xlsx"'}
        return Response(content, media_type=media, headers=headers)

    @_signed_in
    async def manual(self, request: Request, session: Session) -> Response:
        """Show the manual for clerks."""
        manual = manual_text(self.contracts)
        text = MarkdownIt("commonmark", {"html": False}).enable("table").render(manual)
        return self._page("manual.html.j2", session=session, title="填报说明", text=text)

    # Actions of the script

    async def upload(self, request: Request) -> Response:
        """Take a file into the department's landing folder; the body is its bytes."""
        session = self.session_of(request)
        if session is None:
            return JSONResponse({"error": "登录已失效，请重新登录。"}, 401)
        if not self._is_ours(request, session, request.headers.get("x-csrf-token")):
            return JSONResponse({"error": "页面已失效，请刷新后重试。"}, 403)
        if not self._uploads.allows(session.user.name):
            return JSONResponse({"error": "上传过于频繁，请一分钟后再试。"}, 429)
        try:
            name = safe_name(unquote(request.headers.get("x-file-name", "")))
            most = self.limits.max_bytes
            if int(request.headers.get("content-length") or 0) > most:
                raise UploadRefused(f"文件超过 {most // (1024 * 1024)} MB，请拆分后上传。", 413)
            folder = self.home.department(session.user.department)
            received = await receive(request.stream(), folder, name, most_bytes=most)
        except UploadRefused as refusal:
            return JSONResponse({"error": refusal.message_zh}, refusal.status)
        except OSError as error:
            _log.error("%s: an upload could not be saved: %s", session.user.department, error)
            return JSONResponse({"error": _NOT_SAVED}, 503)
        return JSONResponse({"name": received.name, "size": received.size})

    async def latest(self, request: Request) -> Response:
        """Return the latest receipts and the files that wait, for the script to show."""
        session = self.session_of(request)
        if session is None:
            return JSONResponse({"error": "登录已失效，请重新登录。"}, 401)
        department = session.user.department
        return JSONResponse(
            {
                "receipts": [asdict(r) for r in self.content.receipts(department, 10)],
                "waiting": self.content.waiting(department),
            }
        )

    async def static(self, request: Request) -> Response:
        """Return the style sheet or the script."""
        name = request.path_params["name"]
        if name not in _STATIC:
            return Response(status_code=404)
        content = (files("orchestration.portal") / "static" / name).read_bytes()
        return Response(content, media_type=_STATIC[name])

    # Shared

    def session_of(self, request: Request) -> Session | None:
        """Return the session that a request belongs to, if it still counts."""
        session = self.sessions.get(request.cookies.get(COOKIE))
        if session is None:
            return None
        # An account that was removed or moved to another department ends its sessions.
        current = self.users.all().get(session.user.name)
        if current != session.user:
            self.sessions.end_all_of(session.user.name)
            return None
        return session

    @staticmethod
    def _same_origin(request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin in (None, ""):
            return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return urlsplit(origin or "").netloc == request.headers.get("host")

    def _is_ours(self, request: Request, session: Session, csrf: str | None) -> bool:
        return self._same_origin(request) and same_token(csrf, session.csrf)

    def _page(
        self, template: str, status: int = 200, *, session: Session | None = None, **values: object
    ) -> HTMLResponse:
        department = self.contracts.departments[session.user.department] if session else None
        html = (
            _templates()
            .get_template(template)
            .render(
                session=session,
                county=self.contracts.county.name_zh,
                department_zh=department.name_zh if department else "",
                **values,
            )
        )
        return HTMLResponse(html, status)

    def _refused(self, message: str, status: int, session: Session | None = None) -> HTMLResponse:
        return self._page("message.html.j2", status, session=session, title="提示", message=message)

    def application(self, *, with_intake: bool = True) -> Starlette:
        """Return the application; with_intake: files are taken in as they are uploaded."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            stop = threading.Event()
            intake = Intake(self.home, self.contracts, software_version())
            options = {"settle_seconds": 0.2, "on_file": lambda outcome: outcome.log(_log)}
            thread = threading.Thread(
                target=intake.watch, args=(stop,), kwargs=options, daemon=True
            )
            if with_intake:
                thread.start()
            try:
                yield
            finally:
                stop.set()
                if with_intake:
                    thread.join(timeout=60)

        routes = [
            Route("/", self.overview),
            Route("/sign-in", self.sign_in_page, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/receipts", self.receipts),
            Route("/receipts/{name}", self.receipt),
            Route("/questions", self.questions, methods=["GET"]),
            Route("/questions", self.explain, methods=["POST"]),
            Route("/templates", self.templates),
            Route("/templates/{dataset}.xlsx", self.template),
            Route("/manual", self.manual),
            Route("/upload", self.upload, methods=["POST"]),
            Route("/latest", self.latest),
            Route("/static/{name}", self.static),
        ]
        return Starlette(
            routes=routes, middleware=[Middleware(_SecurityHeaders)], lifespan=lifespan
        )
