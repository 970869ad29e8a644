// netloom's elements and rules: `node nft.mjs elements|intervals|rules add|add-sync|list|list-sync COUNT [sized]`. Prints microseconds an item,
// after a tenth of it for the compiler. The table is `inet b`, its set `s` and its chain `c`; adding removes it afterwards.
const { nft } = await import(new URL('../../dist/index.js', import.meta.url).href);
const { change, counter, ip, accept, rule, tcp } = await import(new URL('../../dist/nft/index.js', import.meta.url).href);
const [load, task, text, size] = process.argv.slice(2);
const count = Number(text);
const address = (i) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
const place = (table) => ({ family: 'inet', table });

/** The transaction. What the user's program has at hand, the keys and addresses as text, is made with it, as nft(8) reads them. */
function changes(table, items) {
  const made = [change.tables.create({ family: 'inet', name: table })];
  if (load === 'rules') {
    made.push(change.chains.create({ ...place(table), name: 'c' }));
    for (let i = 0; i < items; i++) {
      const statements = rule(ip.saddr.in(address(i)), tcp.dport.in(1 + (i % 60_000)), counter(), accept());
      made.push(change.rules.add({ ...place(table), chain: 'c', statements }));
    }
    return made;
  }
  const interval = load === 'intervals';
  const elements = Array.from({ length: items }, (_, i) => (interval ? `${address(i * 4)}/31` : address(i)));
  const set = {
    ...place(table),
    name: 's',
    type: 'ipv4_addr',
    ...(interval ? { flags: ['interval'] } : {}),
    ...(size === 'sized' ? { size: items } : {}),
  };
  made.push(change.sets.create({ ...set, elements }));
  return made;
}

const list = (nf, table) =>
  load === 'rules' ? nf.rules.list({ ...place(table), chain: 'c' }) : nf.elements.list({ ...place(table), name: 's' });

const nf = task.endsWith('-sync') ? nft.openSync({ timeout: 300_000 }) : await nft.open({ timeout: 300_000 });
const warmUp = Math.ceil(count / 10);
for (let i = 0; i < 3; i++) {
  await nf.transaction(changes('warm', warmUp));
  if ((await list(nf, 'warm')).length !== warmUp) throw new Error('not all were listed');
  await nf.tables.delete({ family: 'inet', name: 'warm' });
}
const start = performance.now();
if (task.startsWith('add')) await nf.transaction(changes('b', count));
const listed = task.startsWith('list') ? await list(nf, 'b') : undefined;
const microseconds = ((performance.now() - start) * 1000) / count;
if ((listed ?? (await list(nf, 'b'))).length !== count) throw new Error('not all are there');
if (listed === undefined) await nf.tables.delete({ family: 'inet', name: 'b' });
nf.close();
console.log(microseconds);
