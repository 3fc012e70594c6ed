// Uploads by dragging or choosing files, and the receipts as they come.
'use strict';
const csrf = document.querySelector('meta[name=csrf]').content;
const drop = document.getElementById('drop');
const input = document.getElementById('files');
const list = document.getElementById('uploads');
let until = 0;

function line(text, error) {
  const item = document.createElement('li');
  item.textContent = text;
  if (error) item.className = 'error';
  list.prepend(item);
  return item;
}

async function send(file) {
  const item = line(`${file.name}：正在上传…`);
  try {
    const answer = await fetch('/upload', {
      method: 'POST',
      headers: { 'X-CSRF-Token': csrf, 'X-File-Name': encodeURIComponent(file.name), 'Content-Type': 'application/octet-stream' },
      body: file,
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    item.textContent = `${said.name}：已上传，正在入库，回执见下方。`;
    until = Date.now() + 120000;
    look();
  } catch (error) {
    item.textContent = `${file.name}：${error.message && !/fetch/i.test(error.message) ? error.message : '上传失败，请检查网络后重试。'}`;
    item.className = 'error';
  }
}

async function sendAll(files) {
  for (const file of files) await send(file);
}

const titles = [...document.querySelectorAll('table:has(#receipts) th')].map((title) => title.textContent);

function cell(row, content, type) {
  const td = document.createElement('td');
  td.dataset.label = titles[row.children.length];
  if (type) td.className = type;
  td.append(content);
  row.append(td);
}

function link(name, text) {
  if (!name) return text;
  const a = document.createElement('a');
  a.href = `/receipts/${encodeURIComponent(name)}`;
  a.textContent = text;
  return a;
}

async function look() {
  const answer = await fetch('/latest');
  if (answer.status === 401) { location.href = '/sign-in'; return; }
  const found = await answer.json();
  const waiting = document.getElementById('waiting');
  waiting.hidden = !found.waiting.length;
  waiting.textContent = `正在入库：${found.waiting.join('、')}`;
  if (found.receipts.length) {
    document.getElementById('receipts').replaceChildren(...found.receipts.map((r) => {
      const row = document.createElement('tr');
      const mark = document.createElement('span');
      mark.className = `mark ${r.status}`;
      mark.textContent = r.status_zh;
      cell(row, mark);
      cell(row, link(r.page, r.file_name));
      cell(row, r.datasets_zh);
      cell(row, String(r.rows_accepted), 'number');
      cell(row, String(r.rows_rejected), 'number');
      cell(row, r.received_at);
      cell(row, r.workbook ? link(r.workbook, '标注表格') : '');
      return row;
    }));
  }
  if (Date.now() < until && (found.waiting.length || Date.now() > until - 118000)) setTimeout(look, 1000);
  else if (Date.now() < until) setTimeout(look, 3000);
}

for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add('over'); });
for (const name of ['dragleave', 'drop']) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove('over'); });
drop.addEventListener('drop', (event) => sendAll(event.dataTransfer.files));
input.addEventListener('change', () => { sendAll([...input.files]); input.value = ''; });
