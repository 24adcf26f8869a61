'use strict';
(() => {
  restoreFunction();
  const state = document.getElementById('reference-state');
  const text = document.getElementById('document').textContent;

  /** The document as its references mean it: one object where two places refer to one. Circles stay circles. */
  function resolved(root) {
    const done = new Map();
    const at = (pointer) => {
      let node = root;
      for (const part of pointer.slice(1).split('/').slice(1)) {
        node = node?.[decodeURIComponent(part).replace(/~1/g, '/').replace(/~0/g, '~')];
      }
      return node;
    };
    const walk = (node) => {
      if (node === null || typeof node !== 'object') return node;
      if (done.has(node)) return done.get(node);
      if (typeof node.$ref === 'string' && node.$ref.startsWith('#')) {
        const target = at(node.$ref);
        if (target === undefined || target === node) return {};
        done.set(node, {}); // a circle of nothing but references stands for nothing
        const made = walk(target);
        done.set(node, made);
        return made;
      }
      const made = Array.isArray(node) ? [] : {};
      done.set(node, made);
      for (const [key, value] of Object.entries(node)) made[key] = walk(value);
      return made;
    };
    return walk(root);
  }

  /** Put a trait below what has it: what the owner says itself counts (AsyncAPI 3.0, "MUST NOT override"). */
  function withTraits(owner) {
    for (const trait of owner?.traits ?? []) {
      for (const [key, value] of Object.entries(trait)) if (!(key in owner)) owner[key] = value;
    }
  }

  /** What the component expects of a document that was parsed: names of the things in it, under `x-parser-`. */
  function prepared(root) {
    const named = (map, key) => Object.entries(map ?? {}).forEach(([name, thing]) => {
      if (thing && typeof thing === 'object' && !(key in thing)) thing[key] = name;
    });
    const { channels = {}, operations = {}, components = {} } = root;
    named(components.schemas, 'x-parser-schema-id');
    if (String(root.asyncapi).startsWith('3')) {
      for (const map of [channels, operations, components.messages, ...Object.values(channels).map((channel) => channel?.messages)]) {
        named(map, 'x-parser-unique-object-id');
      }
      Object.values(operations).forEach(withTraits);
      Object.values(channels).flatMap((channel) => Object.values(channel?.messages ?? {})).forEach(withTraits);
    } else {
      named(components.messages, 'x-parser-message-name');
      for (const operation of Object.values(channels).flatMap((channel) => [channel?.publish, channel?.subscribe])) {
        withTraits(operation);
        const messages = operation?.message?.oneOf ?? [operation?.message ?? {}];
        messages.forEach((message) => {
          withTraits(message);
          message['x-parser-message-name'] ??= message.messageId ?? message.name;
        });
      }
    }
    return Object.assign(root, { 'x-parser-spec-parsed': true, 'x-parser-api-version': 3 });
  }

  function draw() {
    const place = document.getElementById('asyncapi');
    try {
      const schema = prepared(resolved(JSON.parse(text)));
      AsyncApiStandalone.render({ schema, config: { show: { errors: true, info: place.dataset.info === 'yes' } } }, place);
    } catch (error) {
      state.textContent = typeof AsyncApiStandalone === 'undefined'
        ? 'The component could not be loaded: make the page with --offline to have it inside.'
        : `This document cannot be drawn (${error.message}); the sections above can.`;
      return;
    }
    const operations = keys(JSON.parse(text));
    let waiting = false;
    const changed = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mend(place);
        link(place, operations);
      });
    };
    new MutationObserver(changed).observe(place, { childList: true, subtree: true });
    changed();
  }

  /** Keys of operations by what the event table knows of them: namespace, direction and name. */
  function keys(root) {
    const found = new Map();
    const whole = resolved(root);
    for (const [key, operation] of Object.entries(whole.operations ?? {})) {
      for (const message of Object.values(operation?.messages ?? {})) {
        found.set(JSON.stringify([operation.channel?.address, operation.action === 'receive' ? 'c2s' : 's2c', message?.name]), key);
      }
    }
    return found;
  }

  /** Lead from the rows of the event table to what the component says of them. */
  function link(place, operations) {
    const rows = document.querySelectorAll('#event-table tbody tr:not([data-linked])');
    if (!rows.length || !operations.size) return;
    const places = new Map([...place.querySelectorAll('[id^="operation-"]')].map((element) => [element.id.replace(/^operation-[a-z]+-/, ''), element.id]));
    for (const row of rows) {
      const { namespace, direction, name } = row.dataset;
      const target = places.get(operations.get(JSON.stringify([namespace, direction, name])));
      if (!target) continue;
      row.dataset.linked = 'yes';
      const label = row.querySelector('.event-name');
      const anchor = document.createElement('a');
      anchor.href = `#${encodeURIComponent(target)}`;
      anchor.append(...label.childNodes);
      label.append(anchor);
    }
  }

  /** What the component leaves open for those who use a keyboard or a screen reader. */
  function mend(place) {
    for (const input of place.querySelectorAll('input:not([aria-label])')) input.setAttribute('aria-label', 'Show');
    for (const button of place.querySelectorAll('button:not([aria-label])')) {
      if (!button.textContent.trim()) button.setAttribute('aria-label', 'Show or hide');
    }
    for (const block of place.querySelectorAll('pre:not([tabindex])')) block.tabIndex = 0;
  }

  function filter() {
    const input = document.getElementById('filter');
    const rows = [...document.querySelectorAll('#event-table tbody tr')];
    const count = document.getElementById('filter-count');
    input?.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        shown += !row.hidden;
      }
      count.textContent = wanted ? `${shown} of ${rows.length}` : '';
    });
  }

  function sort() {
    const table = document.getElementById('event-table');
    for (const [column, head] of [...(table?.tHead.rows[0].cells ?? [])].entries()) {
      if (!head.dataset.sort) continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const numeric = head.dataset.sort === 'number';
        const first = numeric ? 'descending' : 'ascending';
        const order = head.getAttribute('aria-sort') === first ? (numeric ? 'ascending' : 'descending') : first;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', order);
        const value = (row) => (numeric ? Number(row.cells[column].dataset.value) : row.cells[column].textContent.replace(/^[\s→←]+/, ''));
        const sign = order === 'ascending' ? 1 : -1;
        const rows = [...table.tBodies[0].rows].sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          return sign * (numeric ? x - y : x.localeCompare(y));
        });
        table.tBodies[0].append(...rows);
      });
    }
  }

  /** A served page asks whether there is a newer one, and keeps its place when there is. */
  function follow() {
    const version = document.querySelector('meta[name="sio-infer-version"]')?.content;
    if (!version) return;
    const ask = async () => {
      try {
        const answer = await fetch('version', { cache: 'no-store' });
        if (answer.ok && (await answer.text()) !== version) location.reload();
      } catch {
        // the server has ended; the page stays
      }
      setTimeout(ask, 1000); // from the answer on: a page that takes long to make is asked for once
    };
    setTimeout(ask, 1000);
  }

  filter();
  sort();
  follow();
  requestAnimationFrame(() => setTimeout(draw));
})();
