// Draws the report from the data inside the page. Nothing is fetched, and every name in the data is treated as hostile:
// it enters the page as text only, and Plotly, which reads a little HTML in its labels, gets it escaped.

/**
 * @typedef {{name: string, label: string, unit: string, lower_is_better: boolean, digits: number, note?: ?string}} Metric
 * @typedef {{name: string, task: ?string, pictures: number, source: string}} PictureSet
 * @typedef {{id: string, label: string, version: string, chroma: string, command: string, ours: boolean}} Codec
 * @typedef {{id: string, label: string, settings: string}} Restorer
 * @typedef {{id: string, label: string, codec: string, restorer: ?string, order: 'after'|'before'|'none', ours: boolean}} Line
 * @typedef {{set: string, line: string, setting: string, pictures: number, bpp: number, values: Object<string, ?number>}} Point
 * @typedef {{set: string, line: string, setting: string, picture: string, bytes: number, bpp: number,
 *     values: Object<string, ?number>, encode_seconds: number, decode_seconds: number, restore_seconds: ?number}} Cell
 * @typedef {{set: string, line: string, setting: ?string, picture: ?string, reason: string}} Missing
 * @typedef {{value: ?number, low: ?number, high: ?number, problem: ?string}} Estimate
 * @typedef {{set: string, line: string, metric: string, bd_rate: Estimate, bd_metric: Estimate}} Delta
 * @typedef {{setting: string, bpp: number, psnr: ?number, image: string}} CropRate
 * @typedef {{set: string, picture: string, box: number[], input: string, target: string,
 *     lines: {line: string, rates: CropRate[]}[]}} Crop
 * @typedef {{codec: string, setting: string, picture: string, pixels: number, encode_seconds: number,
 *     decode_seconds: number, peak_bytes: ?number, note: ?string}} Speed
 * @typedef {{set: string, metric: string, label: string, source: string, points: [number, number][]}} Published
 * @typedef {{title: string, table: string, anchor: ?string,
 *     measures: {name: string, label: string, unit: string, lower_is_better: boolean, digits: number}[],
 *     codecs: {name: string, label: string, ours: boolean}[],
 *     tasks: {task: string, label: string, rows: Object<string, *>[]}[], notes: string[]}} Paper
 * @typedef {{colour: string, dash: string, symbol: number, width: number, size: number, open: boolean}} Look
 */

(() => {
    'use strict';

    // ---------------------------------------------------------------- small helpers

    /** @param {string} id @returns {any} */
    const byId = id => document.getElementById(id);

    /** @template T @param {T[] | null | undefined} value @returns {T[]} */
    const list = value => (Array.isArray(value) ? value : []);

    /** @param {unknown} value @returns {value is number} */
    const isNumber = value => typeof value === 'number' && Number.isFinite(value);

    /** @template T @param {T[]} values @returns {T[]} */
    const distinct = values => [...new Set(values)];

    /**
     * An element with attributes and children; strings become text nodes.
     * @param {string} tag @param {Object<string, any>} [attributes] @param {...(Node|string|null)} children
     * @returns {any}
     */
    function make(tag, attributes = {}, ...children) {
        const node = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (value === null || value === undefined || value === false) continue;
            if (name === 'onclick') node.addEventListener('click', value);
            else node.setAttribute(name, value === true ? '' : String(value));
        }
        node.append(...children.filter(child => child !== null));
        return node;
    }

    /** For Plotly, which takes labels for a small HTML. @param {unknown} text */
    const plain = text => String(text ?? '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

    /** The same, broken where a long label would leave a phone's screen. @param {string} text */
    function wrapped(text) {
        const rows = [''];
        for (const word of String(text ?? '').split(' ')) {
            const row = rows[rows.length - 1];
            if (row && row.length + word.length > 34) rows.push(word);
            else rows[rows.length - 1] = row ? `${row} ${word}` : word;
        }
        return rows.map(plain).join('<br>');
    }

    /** @param {number} value @param {number} digits @param {boolean} [sign] */
    function number(value, digits, sign = false) {
        const text = Math.abs(value).toFixed(digits);
        if (value < 0 && Number(text) !== 0) return `−${text}`;
        return sign && Number(text) !== 0 ? `+${text}` : text;
    }

    /** @param {number} value @param {Metric} metric */
    const measured = (value, metric) => number(value, metric.digits) + (metric.unit ? ` ${metric.unit}` : '');

    /** @param {number} bpp */
    const rate = bpp => number(bpp, 3);

    /** @param {number} count @param {string} one @param {string} [many] */
    const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

    /** @param {?number} bytes */
    const memory = bytes => isNumber(bytes) ? (bytes >= 1e9 ? `${number(bytes / 1e9, 1)} GB` : `${number(bytes / 1e6, 0)} MB`) : '';

    /** @param {number} seconds */
    const duration = seconds => number(seconds, seconds < 1 ? 3 : seconds < 100 ? 2 : 0);

    /** Only pictures that the page itself holds. @param {unknown} source */
    const isPicture = source => typeof source === 'string' && /^data:image\/(png|jpeg|webp|avif|gif);base64,/.test(source);

    /** @param {HTMLSelectElement} select @param {{value: string, label: string}[]} options @param {string} [chosen] */
    function offer(select, options, chosen) {
        select.replaceChildren(...options.map(option => make('option', { value: option.value }, option.label)));
        if (chosen !== undefined && options.some(option => option.value === chosen)) select.value = chosen;
    }

    /** The number nearest to a rate, on the scale of ratios. @template T @param {T[]} all @param {(one: T) => number} of @param {number} wanted */
    function nearest(all, of, wanted) {
        const far = (/** @type {T} */ one) => Math.abs(Math.log(Math.max(of(one), 1e-9) / Math.max(wanted, 1e-9)));
        return all.reduce((best, one) => (best === null || far(one) < far(best) ? one : best), /** @type {?T} */ (null));
    }

    // ---------------------------------------------------------------- the data

    /** @type {any} */
    let data;
    try {
        data = JSON.parse(byId('data').textContent);
    } catch (problem) {
        byId('failure').textContent = 'The data inside this page cannot be read.';
        byId('failure').hidden = false;
        throw problem;
    }

    const metrics = /** @type {Metric[]} */ (list(data.metrics));
    const sets = /** @type {PictureSet[]} */ (list(data.sets));
    const codecs = /** @type {Codec[]} */ (list(data.codecs));
    const restorers = /** @type {Restorer[]} */ (list(data.restorers));
    const lines = /** @type {Line[]} */ (list(data.lines));
    const points = /** @type {Point[]} */ (list(data.points)).filter(point => isNumber(point.bpp));
    const cells = /** @type {Cell[]} */ (list(data.cells));
    const deltas = /** @type {Delta[]} */ (list(data.deltas));
    const published = /** @type {Published[]} */ (list(data.published));

    const lineOf = new Map(lines.map(line => [line.id, line]));
    const codecOf = new Map(codecs.map(codec => [codec.id, codec]));
    const metricOf = new Map(metrics.map(metric => [metric.name, metric]));
    const anchor = lineOf.get(data.anchor);

    /** @param {string} id */
    const lineLabel = id => lineOf.get(id)?.label ?? id;

    /** @param {PictureSet} set */
    const setLabel = set => (set.task && set.task !== set.name ? `${set.name} (${set.task})` : set.name);

    /** @param {Metric} metric */
    const direction = metric => (metric.lower_is_better ? 'lower is better' : 'higher is better');

    /** Whether the first value is better than the second. @param {Metric} metric @param {number} one @param {number} other */
    const isBetter = (metric, one, other) => (metric.lower_is_better ? one < other : one > other);

    /** A line's points in a set that have a value, in order of rate. @param {string} set @param {string} line @param {string} metric */
    const curve = (set, line, metric) => points
        .filter(point => point.set === set && point.line === line && isNumber(point.values?.[metric]))
        .sort((one, other) => one.bpp - other.bpp);

    /** The metrics with at least one value in a set. @param {string} set @returns {Metric[]} */
    const metricsIn = set => metrics.filter(metric =>
        points.some(point => point.set === set && isNumber(point.values?.[metric.name])));

    // ---------------------------------------------------------------- how lines look

    // Colour says the codec, the mark says the restorer, the dashes say where the restorer stands. The marks are drawn
    // within ±1, for the legend's pictures; the names are Plotly's.
    const marks = [
        { name: 'circle', path: 'M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z' },
        { name: 'square', path: 'M-.9-.9H.9V.9H-.9Z' },
        { name: 'diamond', path: 'M0-1.25L1.25 0L0 1.25L-1.25 0Z' },
        { name: 'triangle-up', path: 'M0-1.15L1.15.85H-1.15Z' },
        { name: 'triangle-down', path: 'M0 1.15L1.15-.85H-1.15Z' },
        { name: 'cross', path: 'M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z' },
        { name: 'pentagon', path: 'M0-1.15L1.1-.35L.68.95H-.68L-1.1-.35Z' },
        { name: 'star', path: 'M0-1.4L.34-.45L1.33-.43L.54.17L.82 1.13L0 .56L-.82 1.13L-.54.17L-1.33-.43L-.34-.45Z' },
    ];
    const dashes = { after: 'solid', before: 'dashdot', none: 'dot' };
    /** @type {Object<string, string>} */
    const strokes = { solid: '', dashdot: '7 3 1.5 3', dot: '1.5 3.5', dash: '6 4' };
    const hues = 8;

    /** @returns {Map<string, Look>} */
    function assignLooks() {
        const others = distinct(lines.map(line => line.codec)).filter(id => !codecOf.get(id)?.ours);
        const orders = ['', ...restorers.map(restorer => restorer.id)];
        /** @type {Map<string, Look>} */
        const result = new Map();
        const taken = new Set();
        for (const line of lines) {
            const own = line.ours || codecOf.get(line.codec)?.ours;
            const place = Math.max(0, others.indexOf(line.codec));
            const colour = own ? '--own' : `--c${place % hues}`;
            const dash = dashes[line.order] ?? 'solid';
            let symbol = Math.max(0, orders.indexOf(line.restorer ?? '')) + 3 * Math.floor(place / hues);
            for (let tries = 0; tries < marks.length && taken.has(`${colour} ${dash} ${symbol % marks.length}`); tries++) symbol++;
            symbol %= marks.length;
            taken.add(`${colour} ${dash} ${symbol}`);
            result.set(line.id, { colour, dash, symbol, width: line.ours ? 3.6 : 1.7, size: line.ours ? 10 : 7, open: line.order === 'none' });
        }
        return result;
    }

    const looks = assignLooks();
    /** @type {Look} */
    const publishedLook = { colour: '--published', dash: 'dash', symbol: 0, width: 1.5, size: 5, open: true };

    /** The legend's picture of a line. @param {Look} look */
    function swatch(look) {
        const space = 'http://www.w3.org/2000/svg';
        const svg = document.createElementNS(space, 'svg');
        for (const [name, value] of Object.entries({ width: 42, height: 14, viewBox: '0 0 42 14', 'aria-hidden': 'true' }))
            svg.setAttribute(name, String(value));
        const stroke = document.createElementNS(space, 'path');
        stroke.setAttribute('d', 'M1 7H41');
        stroke.setAttribute('style', `stroke: var(${look.colour}); stroke-width: ${look.width}; stroke-dasharray: ${strokes[look.dash] || 'none'}`);
        const mark = document.createElementNS(space, 'path');
        mark.setAttribute('d', marks[look.symbol].path);
        mark.setAttribute('transform', `translate(21 7) scale(${look.size / 2})`);
        mark.setAttribute('style', `fill: ${look.open ? 'var(--surface)' : `var(${look.colour})`}; stroke: var(${look.colour}); stroke-width: .3`);
        svg.append(stroke, mark);
        return svg;
    }

    // ---------------------------------------------------------------- charts

    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const coarse = window.matchMedia('(pointer: coarse)').matches;

    /**
     * Draws a chart, and draws it again when the colour scheme changes.
     * @typedef {{traces: any[], layout: any, name: string, title: string}} Drawing
     * @typedef {(ink: (name: string) => string) => Drawing} Draw
     * @type {Map<HTMLElement, Draw>}
     */
    const charts = new Map();

    // Charts follow the width of their cards.
    const sizes = new ResizeObserver(entries => {
        for (const { target } of entries) {
            const plot = /** @type {any} */ (target);
            if (!charts.has(plot) || !plot._fullLayout || plot.clientWidth === 0) continue;
            if (Math.abs(plot._fullLayout.width - plot.clientWidth) > 1 || Math.abs(plot._fullLayout.height - plot.clientHeight) > 1)
                Plotly.Plots.resize(plot);
        }
    });

    /** Takes a chart away. @param {HTMLElement} node */
    function unchart(node) {
        charts.delete(node);
        sizes.unobserve(node);
        Plotly.purge(node);
    }

    /** Reads a colour of the style sheet. @returns {(name: string) => string} */
    function inks() {
        const style = getComputedStyle(document.documentElement);
        return name => style.getPropertyValue(name).trim();
    }

    /** @param {HTMLElement} node @param {Draw} draw */
    function chart(node, draw) {
        if (!charts.has(node)) sizes.observe(node);
        charts.set(node, draw);
        const { traces, layout, name } = draw(inks());
        Plotly.react(node, traces, layout, {
            displaylogo: false,
            displayModeBar: true,
            modeBarButtons: [
                [
                    { name: 'png', title: 'Download as PNG', icon: Plotly.Icons.camera, click: () => save(node, 'png', name) },
                    { name: 'svg', title: 'Download as SVG', icon: Plotly.Icons.disk, click: () => save(node, 'svg', name) },
                ],
                ...(coarse ? [] : [['zoom2d', 'pan2d', 'resetScale2d']]),
            ],
        }).then(() => reachable(node), (/** @type {unknown} */ problem) => console.error(problem));
    }

    /** Plotly's buttons are no buttons: the keyboard gets at them all the same. @param {HTMLElement} node */
    function reachable(node) {
        for (const button of node.querySelectorAll('.modebar-btn')) {
            if (button.hasAttribute('tabindex')) continue;
            button.setAttribute('tabindex', '0');
            button.setAttribute('role', 'button');
            button.setAttribute('aria-label', button.getAttribute('data-title') ?? '');
            button.addEventListener('keydown', event => {
                const key = /** @type {KeyboardEvent} */ (event).key;
                if (key !== 'Enter' && key !== ' ') return;
                event.preventDefault();
                /** @type {HTMLElement} */ (button).click();
            });
        }
    }

    /** Saves a chart with the title and the legend that on the page stand outside of it. @param {HTMLElement} node @param {string} format @param {string} name */
    function save(node, format, name) {
        const ink = inks();
        const { traces, layout, title } = /** @type {Draw} */ (charts.get(node))(ink);
        const kept = traces.filter(trace => trace.visible !== false).map(trace => ({ ...trace, opacity: 1 }));
        const whole = {
            ...layout,
            title: { text: plain(title), font: { size: 17 }, x: 0.02, xanchor: 'left' },
            margin: { l: 70, r: 20, t: 60, b: 60 },
            paper_bgcolor: ink('--surface'),
            plot_bgcolor: ink('--surface'),
            showlegend: kept.some(trace => trace.showlegend !== false),
            legend: { font: { size: 11 }, bgcolor: 'rgba(0,0,0,0)' },
        };
        Plotly.downloadImage({ data: kept, layout: whole }, { format, filename: name, width: 1200, height: 640, scale: format === 'png' ? 2 : 1 })
            .catch((/** @type {unknown} */ problem) => console.error(problem));
    }

    /** @param {(name: string) => string} ink @param {string} text */
    function axis(ink, text) {
        return {
            title: { text, standoff: 8, font: { size: 13 } },
            color: ink('--muted'),
            gridcolor: ink('--grid'),
            linecolor: ink('--edge'),
            tickcolor: ink('--edge'),
            zeroline: false,
            showline: true,
            ticks: 'outside',
            ticklen: 4,
            automargin: true,
        };
    }

    /** @param {(name: string) => string} ink @param {any} x @param {any} y */
    function layoutOf(ink, x, y) {
        return {
            autosize: true,
            margin: { l: 52, r: 12, t: 30, b: 44 },
            paper_bgcolor: 'rgba(0,0,0,0)',
            plot_bgcolor: 'rgba(0,0,0,0)',
            font: { family: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif', size: 12, color: ink('--ink') },
            hovermode: 'closest',
            hoverdistance: 24,
            hoverlabel: { bgcolor: ink('--surface'), font: { color: ink('--ink'), size: 13 }, align: 'left' },
            modebar: { bgcolor: 'rgba(0,0,0,0)', color: ink('--muted'), activecolor: ink('--accent') },
            dragmode: coarse ? false : 'zoom',
            showlegend: false,
            xaxis: x,
            yaxis: y,
        };
    }

    /** @param {(name: string) => string} ink @param {boolean} logarithmic */
    function rateAxis(ink, logarithmic) {
        const x = axis(ink, 'bits per pixel');
        if (!logarithmic) return { ...x, rangemode: 'tozero' };
        const ticks = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
        return { ...x, type: 'log', tickvals: ticks, ticktext: ticks.map(String) };
    }

    /** One line of a chart. @param {(name: string) => string} ink @param {Look} look @param {string} label */
    function trace(ink, look, label) {
        const colour = ink(look.colour);
        return {
            type: 'scatter',
            mode: 'lines+markers',
            name: plain(label),
            line: { color: colour, width: look.width, dash: look.dash },
            marker: {
                color: look.open ? ink('--surface') : colour,
                symbol: marks[look.symbol].name,
                size: look.size,
                line: { color: colour, width: look.open ? 1.5 : 0 },
            },
            hoverlabel: { bordercolor: colour },
        };
    }

    /** @param {(name: string) => string} ink @param {Line} line @param {Metric} metric @param {Point[]} along */
    function lineTrace(ink, line, metric, along) {
        return {
            ...trace(ink, /** @type {Look} */ (looks.get(line.id)), line.label),
            x: along.map(point => point.bpp),
            y: along.map(point => point.values[metric.name]),
            customdata: along.map(point => [
                wrapped(line.label), plain(point.setting), rate(point.bpp),
                plain(measured(/** @type {number} */ (point.values[metric.name]), metric)), counted(point.pictures, 'picture'),
            ]),
            hovertemplate: `<b>%{customdata[0]}</b><br>${plain(metric.label)} %{customdata[3]}<br>%{customdata[2]} bpp at setting %{customdata[1]}`
                + '<br>mean over %{customdata[4]}<extra></extra>',
        };
    }

    /** A card with a heading, a chart and a text. @param {string} title @param {string} aside @param {string} size */
    function card(title, aside, size = '') {
        const plot = make('div', { class: `chart ${size}` });
        const caption = make('figcaption');
        const heading = make('h3', {}, title);
        const figure = make('figure', { class: 'chart-card' },
            make('div', { class: 'chart-head' }, heading, make('p', {}, aside)), plot, caption);
        return { figure, plot, caption, heading };
    }

    // ---------------------------------------------------------------- tables

    /**
     * @typedef {{label: string, numeric?: boolean, edge?: boolean, wrap?: boolean, sort?: boolean,
     *     value: (row: any) => any, cell?: (row: any) => (Node|string), mark?: (row: any) => string}} Column
     */

    /** In natural order, nothing last. @param {any} one @param {any} other @param {number} sign */
    function compare(one, other, sign) {
        const none = (/** @type {any} */ value) => value === null || value === undefined || Number.isNaN(value);
        if (none(one) || none(other)) return Number(none(one)) - Number(none(other));
        const by = isNumber(one) && isNumber(other) ? one - other : String(one).localeCompare(String(other), 'en', { numeric: true });
        return sign * by;
    }

    /**
     * A table in a box of its own that scrolls; a click on a column's title sorts by it.
     * @param {{caption: string, columns: Column[], rows: any[], groups?: {label: string, span: number}[],
     *     own?: (row: any) => boolean, headed?: boolean, quiet?: boolean, id?: string}} how
     */
    function table(how) {
        const body = make('tbody');
        const titles = how.columns.map(column => make('th', {
            scope: 'col', class: [column.numeric ? 'number' : '', column.edge ? 'edge' : ''].join(' ').trim() || null,
        }));
        let sorted = -1, sign = 1;

        function fill() {
            const column = how.columns[sorted];
            const rows = column
                ? [...how.rows].sort((one, other) => compare(column.value(one), column.value(other), sign)) : how.rows;
            body.replaceChildren(...rows.map(row => make('tr', { class: how.own?.(row) ? 'own' : null }, ...how.columns.map((one, index) => {
                const content = one.cell ? one.cell(row) : row === null ? '' : String(one.value(row) ?? '');
                const classes = [one.numeric ? 'number' : '', one.edge ? 'edge' : '', one.wrap ? 'wrap' : '', one.mark?.(row) ?? ''];
                return index === 0 && how.headed !== false
                    ? make('th', { scope: 'row' }, content)
                    : make('td', { class: classes.filter(Boolean).join(' ') || null }, content);
            }))));
            titles.forEach((title, index) => {
                if (index === sorted) title.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
                else title.removeAttribute('aria-sort');
            });
        }

        how.columns.forEach((column, index) => {
            if (column.sort === false || how.rows.length < 2) titles[index].append(column.label);
            else titles[index].append(make('button', {
                type: 'button', class: 'sort', onclick: () => {
                    sign = sorted === index ? -sign : 1;
                    sorted = index;
                    fill();
                },
            }, column.label));
        });
        fill();
        const head = make('thead');
        if (how.groups) {
            head.append(make('tr', {}, ...how.groups.map((group, index) => group.label
                ? make('th', { scope: 'colgroup', colspan: group.span, class: index ? 'group edge' : 'group' }, make('span', {}, group.label))
                : make('td', { colspan: group.span }))));
        }
        head.append(make('tr', {}, ...titles));
        return make('div', {
            class: `scroll pinned${how.groups ? ' grouped' : ''}${how.rows.length > 20 ? ' long' : ''}`, tabindex: '0', role: 'region', 'aria-label': how.caption, id: how.id,
        }, make('table', {}, make('caption', { class: how.quiet ? 'hidden-text' : null }, how.caption), head, body));
    }

    // ---------------------------------------------------------------- the head of the page

    function drawHead() {
        const facts = byId('facts');
        /** @param {string} name @param {string} value */
        const fact = (name, value) => {
            if (value) facts.append(make('div', {}, make('dt', {}, name), make('dd', {}, value)));
        };
        const when = new Date(data.created);
        fact('Run', data.name ?? '');
        if (data.created && !Number.isNaN(when.getTime())) {
            fact('Measured', `${new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(when)} UTC`);
        }
        const program = data.program ?? {}, machine = data.machine ?? {};
        fact('Program', [program.version && `LL-ICM ${program.version}`, program.revision && `revision ${program.revision}`].filter(Boolean).join(', '));
        fact('Machine', [machine.processor, isNumber(machine.cores) ? counted(machine.cores, 'core') : '', memory(machine.memory_bytes)]
            .filter(Boolean).join(', '));
        fact('System', [machine.system, machine.runtime].filter(Boolean).join(', '));
        fact('Covers', [counted(sets.length, 'set'), counted(sets.reduce((sum, set) => sum + (set.pictures || 0), 0), 'picture'),
            counted(lines.length, 'line')].join(', '));
        byId('how-anchor').textContent = [
            anchor ? `Gains are against the anchor, ${anchor.label}.` : '',
            lines.some(line => line.ours) ? 'Bold orange lines are our own codec with our own restorer.' : '',
        ].filter(Boolean).join(' ');
    }

    // ---------------------------------------------------------------- rate against quality

    const shown = {
        set: '',
        /** @type {Set<string>} */
        hidden: new Set(),
        logarithmic: false,
        /** @type {?string} */
        pointed: null,
    };

    /** What is published has no line of its own: its key in the legend. @param {Published} one */
    const publishedKey = one => `published\n${one.label}`;

    /** @param {Published} one */
    const publishedPoints = one => list(one.points).filter(point => isNumber(point?.[0]) && isNumber(point?.[1]));

    /** @param {string} key */
    const opacity = key => (shown.pointed === null || shown.pointed === key ? 1 : 0.18);

    /** @param {Metric} metric @returns {Draw} */
    const rateChart = metric => ink => {
        const set = shown.set;
        const traces = published.filter(one => one.set === set && one.metric === metric.name).map(one => ({
            ...trace(ink, publishedLook, `${one.label}, published`),
            x: publishedPoints(one).map(point => point[0]),
            y: /** @type {(?number)[]} */ (publishedPoints(one).map(point => point[1])),
            customdata: publishedPoints(one).map(point => [wrapped(one.label), rate(point[0]), plain(measured(point[1], metric)), wrapped(one.source)]),
            hovertemplate: `<b>%{customdata[0]}</b><br>${plain(metric.label)} %{customdata[2]}<br>%{customdata[1]} bpp`
                + '<br>published, not measured here:<br>%{customdata[3]}<extra></extra>',
            visible: !shown.hidden.has(publishedKey(one)),
            opacity: opacity(publishedKey(one)),
            meta: publishedKey(one),
        }));
        for (const line of [...lines].sort((one, other) => Number(one.ours) - Number(other.ours))) {
            const along = curve(set, line.id, metric.name);
            if (along.length === 0) continue;
            traces.push({
                ...lineTrace(ink, line, metric, along), visible: !shown.hidden.has(line.id), opacity: opacity(line.id), meta: line.id,
            });
        }
        const unit = metric.unit ? `, ${metric.unit}` : '';
        return {
            traces,
            layout: layoutOf(ink, rateAxis(ink, shown.logarithmic), axis(ink, plain(metric.label + unit))),
            name: `${data.name ?? 'report'}-${set}-${metric.name}`.replace(/[^\w.-]+/g, '_'),
            title: `${set}: ${metric.label} (${direction(metric)})`,
        };
    };

    /** In words what a chart shows. @param {Metric} metric */
    function rateWords(metric) {
        const all = points.filter(point => point.set === shown.set && isNumber(point.values?.[metric.name]) && lineOf.has(point.line));
        if (all.length === 0) return '';
        const best = all.reduce((one, other) =>
            (isBetter(metric, /** @type {number} */ (other.values[metric.name]), /** @type {number} */ (one.values[metric.name])) ? other : one));
        const rates = all.map(point => point.bpp);
        return `${counted(distinct(all.map(point => point.line)).length, 'line')} from ${rate(Math.min(...rates))} to ${rate(Math.max(...rates))} bpp. `
            + `Best anywhere: ${measured(/** @type {number} */ (best.values[metric.name]), metric)}, ${lineLabel(best.line)} at ${rate(best.bpp)} bpp.`;
    }

    function drawRateCharts() {
        const held = byId('rate-charts');
        for (const plot of held.querySelectorAll('.chart')) unchart(plot);
        held.replaceChildren();
        const present = metricsIn(shown.set);
        for (const metric of present) {
            const { figure, plot, caption } = card(metric.label, direction(metric));
            plot.dataset.metric = metric.name;
            plot.setAttribute('role', 'group');
            plot.setAttribute('aria-label', `Chart of ${metric.label} against bits per pixel, set ${shown.set}`);
            caption.textContent = [rateWords(metric), metric.note ?? ''].filter(Boolean).join(' ');
            held.append(figure);
        }
        // Only now, as the number of cards decides how wide each of them is.
        for (const metric of present) chart(held.querySelector(`[data-metric="${CSS.escape(metric.name)}"]`), rateChart(metric));
        if (present.length === 0) held.append(make('p', { class: 'nothing' }, 'Nothing was measured on this set.'));

        const set = sets.find(one => one.name === shown.set);
        byId('rate-about').textContent = set
            ? `${counted(set.pictures, 'picture')}${set.task ? `, task ${set.task}` : ', plain coding'}${set.source ? `, ${set.source}` : ''}.` : '';
        drawLegend();
        const rows = points.filter(point => point.set === shown.set);
        byId('rate-table').replaceChildren(table({
            caption: `Means over the pictures of ${shown.set}`,
            rows,
            own: row => !!lineOf.get(row.line)?.ours,
            columns: [
                { label: 'Line', value: row => lineLabel(row.line) },
                { label: 'Setting', numeric: true, value: row => row.setting },
                { label: 'bpp', numeric: true, value: row => row.bpp, cell: row => rate(row.bpp) },
                ...present.map(metric => ({
                    label: metric.label + (metric.unit ? `, ${metric.unit}` : ''), numeric: true,
                    value: (/** @type {Point} */ row) => row.values?.[metric.name],
                    cell: (/** @type {Point} */ row) => {
                        const value = row.values?.[metric.name];
                        return isNumber(value) ? number(value, metric.digits) : '—';
                    },
                })),
                { label: 'Pictures', numeric: true, value: row => row.pictures },
            ],
        }));
    }

    /** Tells the charts which lines are hidden and which is pointed at. */
    function restyle() {
        for (const plot of byId('rate-charts').querySelectorAll('.chart')) {
            const keys = list(plot.data).map(one => one.meta);
            if (keys.length === 0) continue;
            Plotly.restyle(plot, { visible: keys.map(key => !shown.hidden.has(key)), opacity: keys.map(opacity) });
        }
        for (const button of byId('rate-legend').querySelectorAll('button'))
            button.setAttribute('aria-pressed', String(!shown.hidden.has(button.dataset.key ?? '')));
    }

    /** @param {?string} key */
    function point(key) {
        if (shown.pointed === key || (key !== null && shown.hidden.has(key))) return;
        shown.pointed = key;
        restyle();
    }

    /** The keys of the lines in the chosen set, with how they look. */
    function legendEntries() {
        const there = new Set(points.filter(one => one.set === shown.set).map(one => one.line));
        const entries = lines.filter(line => there.has(line.id))
            .map(line => ({ key: line.id, label: line.label, own: line.ours, look: /** @type {Look} */ (looks.get(line.id)) }));
        entries.sort((one, other) => Number(other.own) - Number(one.own));
        const metricNames = new Set(metricsIn(shown.set).map(metric => metric.name));
        const also = new Map(published.filter(one => one.set === shown.set && metricNames.has(one.metric)).map(one => [publishedKey(one), one]));
        for (const [key, one] of also) entries.push({ key, label: `${one.label}, published`, own: false, look: publishedLook });
        return entries;
    }

    function drawLegend() {
        byId('rate-legend').replaceChildren(...legendEntries().map(entry => {
            const button = make('button', {
                type: 'button', 'data-key': entry.key, 'aria-pressed': String(!shown.hidden.has(entry.key)), class: entry.own ? 'own' : null,
                onclick: () => {
                    shown.pointed = null;
                    if (!shown.hidden.delete(entry.key)) shown.hidden.add(entry.key);
                    restyle();
                },
            }, swatch(entry.look), make('span', {}, entry.label));
            // A line that is pointed at in the legend stands out in the charts.
            button.addEventListener('pointerenter', (/** @type {PointerEvent} */ event) => { if (event.pointerType === 'mouse') point(entry.key); });
            button.addEventListener('pointerleave', () => point(null));
            return make('li', {}, button);
        }));

        const used = new Set(legendEntries().map(entry => lineOf.get(entry.key)?.order));
        const plainLook = { colour: '--muted', symbol: 0, width: 1.7, size: 7, open: false };
        /** @type {[boolean, Look, string][]} */
        const keys = [
            [used.has('after'), { ...plainLook, dash: 'solid' }, 'restored after decoding'],
            [used.has('before'), { ...plainLook, dash: 'dashdot' }, 'restored before coding'],
            [used.has('none'), { ...plainLook, dash: 'dot', open: true }, 'not restored'],
            [published.some(one => one.set === shown.set), publishedLook, 'published by others, not measured here'],
            [legendEntries().some(entry => entry.own), { ...plainLook, colour: '--own', dash: 'solid', width: 3.6, size: 10 }, 'codec and restorer are our own'],
        ];
        byId('legend-key').replaceChildren(...keys.filter(([there]) => there).map(([, look, words]) => make('li', {}, swatch(look), words)));
        byId('legend-own').hidden = !legendEntries().some(entry => entry.own);
    }

    /** @returns {boolean} whether there is anything to draw */
    function drawRates() {
        const measuredSets = sets.filter(set => points.some(one => one.set === set.name));
        if (measuredSets.length === 0) return false;
        byId('rates').hidden = false;
        shown.set = measuredSets[0].name;
        measuredSets.forEach((set, index) => {
            const input = make('input', { type: 'radio', name: 'rate-set', value: set.name });
            input.checked = index === 0;
            input.addEventListener('change', () => {
                shown.set = set.name;
                drawRateCharts();
            });
            byId('rate-sets').append(make('label', {}, input, make('span', {}, setLabel(set))));
        });
        const box = byId('rate-log');
        box.addEventListener('change', () => {
            shown.logarithmic = box.checked;
            for (const plot of byId('rate-charts').querySelectorAll('.chart')) chart(plot, /** @type {Draw} */ (charts.get(plot)));
        });
        /** @param {(key: string) => boolean} hides */
        const hide = hides => {
            for (const { key } of legendEntries()) {
                if (hides(key)) shown.hidden.add(key);
                else shown.hidden.delete(key);
            }
            restyle();
        };
        byId('legend-all').addEventListener('click', () => hide(() => false));
        byId('legend-none').addEventListener('click', () => hide(() => true));
        byId('legend-own').addEventListener('click', () => hide(key => !lineOf.get(key)?.ours));
        drawRateCharts();
        return true;
    }

    // ---------------------------------------------------------------- coding gains, in the layout of the paper's Table 2

    /** @param {Estimate | undefined} estimate @param {boolean} lowerIsBetter */
    function verdict(estimate, lowerIsBetter) {
        if (!estimate || !isNumber(estimate.low) || !isNumber(estimate.high)) return '';
        if (estimate.low <= 0 && estimate.high >= 0) return '';
        return (estimate.high < 0) === lowerIsBetter ? 'better' : 'worse';
    }

    /** Cuts sets into blocks, each a table that fits a screen. @template T @param {T[]} all @param {number} columns */
    function blocks(all, columns) {
        const size = Math.max(1, Math.floor(12 / columns));
        const result = [];
        for (let start = 0; start < all.length; start += size) result.push(all.slice(start, start + size));
        return result;
    }

    function drawGainTables() {
        /** @type {string[]} */
        const problems = [];
        const chosen = metricOf.get(byId('gain-metric').value);
        const present = metrics.filter(metric => deltas.some(delta => delta.metric === metric.name));
        const names = sets.map(set => set.name).filter(name => deltas.some(delta => delta.set === name));
        /** @param {string} set */
        const within = set => present.filter(metric => deltas.some(delta => delta.set === set && delta.metric === metric.name));
        const index = new Map(deltas.map(delta => [JSON.stringify([delta.set, delta.line, delta.metric]), delta]));
        /** @param {string} set @param {string} line @param {string} metric */
        const find = (set, line, metric) => index.get(JSON.stringify([set, line, metric]));

        /** @param {Estimate | undefined} estimate @param {number} digits @param {string} line */
        const cell = (estimate, digits, line) => {
            if (line === anchor?.id) return make('span', { class: 'none' }, 'anchor');
            if (!estimate || !isNumber(estimate.value)) {
                const words = estimate?.problem ?? 'Not measured.';
                if (!problems.includes(words)) problems.push(words);
                return make('span', { class: 'none' }, '— ', make('sup', {}, String(problems.indexOf(words) + 1)));
            }
            const value = make('span', { class: 'value' }, number(estimate.value, digits, true));
            return isNumber(estimate.low) && isNumber(estimate.high)
                ? make('span', {}, value, make('span', { class: 'interval' }, `${number(estimate.low, digits, true)}…${number(estimate.high, digits, true)}`))
                : value;
        };

        byId('gain-tables').replaceChildren(...blocks(names, present.length + 1).map(block => {
            /** @type {Column[]} */
            const columns = [{ label: 'Line', value: row => row.label }];
            for (const set of block) {
                /** @param {string} label @param {string} metric @param {'bd_rate'|'bd_metric'} part @param {boolean} lower @param {number} digits @param {boolean} edge */
                const add = (label, metric, part, lower, digits, edge) => columns.push({
                    label, numeric: true, edge,
                    value: row => find(set, row.id, metric)?.[part]?.value,
                    cell: row => cell(find(set, row.id, metric)?.[part], digits, row.id),
                    mark: row => verdict(find(set, row.id, metric)?.[part], lower),
                });
                if (chosen) add('BD-rate, %', chosen.name, 'bd_rate', true, 1, true);
                for (const metric of within(set)) {
                    add(`BD-${metric.label}`, metric.name, 'bd_metric', metric.lower_is_better, Math.max(2, metric.digits), false);
                }
            }
            return table({
                caption: `Gains against ${anchor?.label ?? 'the anchor'}: ${block.join(', ')}`,
                quiet: true,
                rows: lines.filter(line => deltas.some(delta => delta.line === line.id && block.includes(delta.set))),
                own: row => row.ours,
                groups: [{ label: '', span: 1 }, ...block.map(name => ({ label: name, span: within(name).length + (chosen ? 1 : 0) }))],
                columns,
            });
        }));
        byId('gain-problems').replaceChildren(...problems.map(words => make('li', {}, words)));
    }

    /** @returns {boolean} */
    function drawGains() {
        if (deltas.length === 0) return false;
        byId('gains').hidden = false;
        const lead = byId('gains-lead');
        lead.append(`Bjøntegaard deltas against ${anchor?.label ?? data.anchor}, laid out as the paper’s Table 2. BD-rate below 0 saves bits at equal quality; `
            + 'the other columns are the gain in quality at equal rate. Small print: 95 % of a bootstrap over the pictures. ',
            make('span', { class: 'mark better' }, 'Better'), ' and ', make('span', { class: 'mark worse' }, 'worse'),
            ' are marked where that interval leaves out 0.');
        const with_ = metrics.filter(metric => deltas.some(delta => delta.metric === metric.name));
        const select = byId('gain-metric');
        offer(select, with_.map(metric => ({ value: metric.name, label: metric.label })), 'psnr');
        select.addEventListener('change', drawGainTables);
        drawGainTables();
        return true;
    }

    /** @returns {boolean} */
    function drawPaper() {
        const paper = /** @type {?Paper} */ (data.paper);
        if (!paper || list(paper.tasks).length === 0) return false;
        byId('paper').hidden = false;
        byId('paper-lead').textContent = `As printed in “${paper.title}”. These are the paper’s numbers, not ours: nothing in this table was measured in this run. `
            + 'The best of each column is underlined.';
        const measures = list(paper.measures);
        byId('paper-tables').replaceChildren(...blocks(list(paper.tasks), 4).map(block => {
            /** @type {Column[]} */
            const columns = [{ label: 'Codec', value: row => row.label }];
            for (const task of block) {
                measures.forEach((measure, index) => {
                    /** @param {any} row */
                    const value = row => list(task.rows).find(one => one.codec === row.name)?.[measure.name];
                    const all = list(task.rows).map(one => one[measure.name]).filter(isNumber);
                    const best = measure.lower_is_better ? Math.min(...all) : Math.max(...all);
                    columns.push({
                        label: measure.label + (measure.unit ? `, ${measure.unit}` : ''), numeric: true, edge: index === 0, value,
                        cell: row => (isNumber(value(row))
                            ? make('span', { class: value(row) === best ? 'best' : null }, number(value(row), measure.digits, true)) : '—'),
                    });
                });
            }
            return table({
                caption: `The paper’s ${paper.table}: ${block.map(task => task.label).join(', ')}`,
                quiet: true,
                rows: list(paper.codecs),
                own: row => row.ours,
                groups: [{ label: '', span: 1 }, ...block.map(task => ({ label: task.label, span: measures.length }))],
                columns,
            });
        }));
        byId('paper-notes').replaceChildren(...list(paper.notes).map(note => make('li', {}, note)));
        return true;
    }

    // ---------------------------------------------------------------- the turning point

    /**
     * Says in words how a line's quality goes with the rate. A step smaller than the last digit shown is none.
     * @param {Metric} metric @param {Point[]} along
     */
    function turning(metric, along) {
        const values = along.map(one => /** @type {number} */ (one.values[metric.name]));
        const step = 10 ** -metric.digits;
        const gain = (/** @type {number} */ from, /** @type {number} */ to) => (metric.lower_is_better ? values[from] - values[to] : values[to] - values[from]);
        const at = (/** @type {number} */ index) => `${measured(values[index], metric)} at ${rate(along[index].bpp)} bpp`;
        const last = values.length - 1;
        let best = 0;
        for (let index = 1; index <= last; index++) if (gain(best, index) > 0) best = index;
        let worst = 0;
        for (let index = 1; index <= last; index++) if (gain(worst, index) < 0) worst = index;
        const lost = number(Math.abs(values[last] - values[best]), metric.digits) + (metric.unit ? ` ${metric.unit}` : '');
        if (last === 0) return { falls: false, dips: false, best, words: `one rate only, ${at(0)}.` };
        if (best < last && -gain(best, last) >= step) {
            return best === 0
                ? { falls: true, dips: false, best, words: `falls with more bits: best ${at(0)}, the lowest rate, and worse by ${lost} at the highest.` }
                : { falls: true, dips: false, best, words: `turns at ${at(best)}; from there to the highest rate it loses ${lost}.` };
        }
        if (worst > 0 && worst < last && -gain(0, worst) >= step && gain(worst, last) >= step)
            return { falls: false, dips: true, best, words: `falls to ${at(worst)}, turns there, and rises to ${at(last)}.` };
        if (gain(0, last) < step) return { falls: false, dips: false, best, words: `does not change with the rate by more than ${number(step, metric.digits)}; best ${at(best)}.` };
        return { falls: false, dips: false, best, words: `does not turn: it rises with more bits, to ${at(best)}.` };
    }

    /** @returns {boolean} */
    function drawTurning() {
        const restored = new Set(lines.filter(line => line.order !== 'none').map(line => line.id));
        const noisy = sets.filter(set => set.task === 'denoise' && points.some(one => one.set === set.name && restored.has(one.line)));
        if (noisy.length === 0) return false;
        byId('turning').hidden = false;
        const setChoice = byId('turning-set'), metricChoice = byId('turning-metric');
        const { figure, plot, caption, heading } = card('', '', 'tall');
        byId('turning-chart').append(figure);

        function draw() {
            const set = setChoice.value;
            const metric = metricOf.get(metricChoice.value);
            if (!metric) return;
            const along = lines.filter(line => restored.has(line.id))
                .map(line => ({ line, points: curve(set, line.id, metric.name) })).filter(one => one.points.length > 0);
            const words = along.map(one => ({ ...one, ...turning(metric, one.points) }));
            heading.textContent = `${metric.label} of the restored picture, ${set}`;
            figure.querySelector('.chart-head p').textContent = direction(metric);
            plot.setAttribute('role', 'group');
            plot.setAttribute('aria-label', heading.textContent);
            const falls = words.filter(one => one.falls).length;
            const dips = words.filter(one => one.dips).length;
            caption.textContent = `${falls} of ${counted(words.length, 'restored line')} ${falls === 1 ? 'is' : 'are'} best below the highest rate`
                + `${falls ? ': beyond its star, more bits make the picture worse' : ''}. `
                + (dips ? `${dips} ${dips === 1 ? 'falls' : 'fall'} at first and then ${dips === 1 ? 'rises' : 'rise'}. ` : '')
                + `Means over pictures; a difference below ${number(10 ** -metric.digits, metric.digits)} is not counted.`;
            byId('turning-words').replaceChildren(...words.map(one => make('li', {}, make('strong', {}, one.line.label), ': ', one.words)));
            chart(plot, ink => ({
                traces: words.flatMap(one => {
                    const look = /** @type {Look} */ (looks.get(one.line.id));
                    const whole = lineTrace(ink, one.line, metric, one.points);
                    const star = {
                        ...whole, mode: 'markers', showlegend: false,
                        x: [whole.x[one.best]], y: [whole.y[one.best]], customdata: [whole.customdata[one.best]],
                        hovertemplate: whole.hovertemplate.replace('<extra>', '<br>the best of this line<extra>'),
                        marker: { color: ink(look.colour), symbol: 'star', size: 17, line: { color: ink('--surface'), width: 1.5 } },
                    };
                    return [whole, star];
                }),
                layout: layoutOf(ink, rateAxis(ink, false), axis(ink, plain(metric.label + (metric.unit ? `, ${metric.unit}` : '')))),
                name: `${data.name ?? 'report'}-turning-${set}-${metric.name}`.replace(/[^\w.-]+/g, '_'),
                title: `${set}: ${metric.label} of the restored picture (${direction(metric)})`,
            }));
        }

        function fit() {
            offer(metricChoice, metricsIn(setChoice.value).map(metric => ({ value: metric.name, label: metric.label })), metricChoice.value);
            draw();
        }

        offer(setChoice, noisy.map(set => ({ value: set.name, label: set.name })));
        setChoice.addEventListener('change', fit);
        metricChoice.addEventListener('change', draw);
        fit();
        return true;
    }

    // ---------------------------------------------------------------- crops

    /** @returns {boolean} */
    function drawCrops() {
        const crops = /** @type {Crop[]} */ (list(data.crops)).filter(crop => list(crop.lines).length > 0);
        if (crops.length === 0) return false;
        byId('crops').hidden = false;
        const choice = byId('crop-choice'), slider = byId('crop-rate'), value = byId('crop-rate-value'), size = byId('crop-size');
        const grid = byId('crop-grid');
        /** @type {number[]} */
        let rates = [];
        /** @type {(() => void)[]} */
        let updates = [];

        /** @param {string} label @param {string} kind @param {number} ratio */
        function frame(label, kind, ratio) {
            const image = make('img', { alt: '', hidden: true });
            const nothing = make('p', { class: 'nothing', hidden: true });
            nothing.style.aspectRatio = String(ratio);
            const words = make('span');
            const figure = make('figure', { class: `crop ${kind}` }, image, nothing, make('figcaption', {}, make('strong', {}, label), words));
            /** @param {?string} source @param {string} text @param {string} [instead] */
            const show = (source, text, instead) => {
                const there = isPicture(source);
                image.hidden = !there;
                nothing.hidden = there;
                if (there) {
                    image.src = source;
                    image.alt = `${label}, ${text}`;
                } else {
                    image.removeAttribute('src');
                    nothing.textContent = instead ?? 'no picture';
                }
                words.textContent = text;
            };
            return { figure, show };
        }

        function move() {
            const chosen = rates[Number(slider.value)];
            value.textContent = `${rate(chosen)} bpp`;
            slider.setAttribute('aria-valuetext', `at most ${rate(chosen)} bits per pixel`);
            for (const update of updates) update();
        }

        function pick() {
            const crop = crops[Number(choice.value)];
            const box = list(crop.box);
            const width = box[2] || 128, height = box[3] || 128;
            rates = distinct(crop.lines.flatMap(line => list(line.rates).map(one => one.bpp)).filter(isNumber).map(bpp => Math.ceil(bpp * 1000) / 1000))
                .sort((one, other) => one - other);
            slider.max = String(Math.max(0, rates.length - 1));
            slider.value = String(Math.floor(rates.length / 2));
            size.value = String(Math.min(4, Math.max(1, Math.round(210 / width))));
            byId('crop-about').textContent = `${crop.picture}: ${width} × ${height} pixels from column ${box[0] ?? 0}, row ${box[1] ?? 0}.`;
            const input = frame('Input', 'given', width / height), target = frame('Target', 'given', width / height);
            input.show(crop.input, 'as it was coded');
            target.show(crop.target, 'what restoration aims at');
            updates = [];
            const figures = [...crop.lines]
                .sort((one, other) => Number(lineOf.get(other.line)?.ours ?? false) - Number(lineOf.get(one.line)?.ours ?? false))
                .map(line => {
                    const { figure, show } = frame(lineLabel(line.line), lineOf.get(line.line)?.ours ? 'own' : '', width / height);
                    figure.dataset.line = line.line;
                    const along = list(line.rates).filter(one => isNumber(one.bpp)).sort((one, other) => one.bpp - other.bpp);
                    updates.push(() => {
                        const found = along.filter(one => one.bpp <= rates[Number(slider.value)] + 1e-9).pop();
                        if (found) show(found.image, `${rate(found.bpp)} bpp${isNumber(found.psnr) ? ` · ${number(found.psnr, 2)} dB PSNR` : ''} · setting ${found.setting}`);
                        else show(null, 'no setting this low', along.length ? `starts at ${rate(along[0].bpp)} bpp` : 'nothing measured');
                    });
                    return figure;
                });
            grid.replaceChildren(input.figure, target.figure, ...figures);
            enlarge();
            move();
        }

        function enlarge() {
            const width = list(crops[Number(choice.value)].box)[2] || 128;
            grid.style.setProperty('--crop', `${width * Number(size.value)}px`);
        }

        offer(choice, crops.map((crop, index) => ({ value: String(index), label: `${crop.set}: ${crop.picture}` })));
        choice.addEventListener('change', pick);
        slider.addEventListener('input', move);
        size.addEventListener('change', enlarge);
        pick();
        return true;
    }

    // ---------------------------------------------------------------- picture by picture

    /** @returns {boolean} */
    function drawPictures() {
        const usable = sets.filter(set => distinct(cells.filter(cell => cell.set === set.name).map(cell => cell.line)).length > 0);
        if (usable.length === 0) return false;
        byId('pictures').hidden = false;
        const setChoice = byId('pair-set'), metricChoice = byId('pair-metric'), a = byId('pair-a'), b = byId('pair-b');
        const slider = byId('pair-rate'), value = byId('pair-rate-value');
        const { figure, plot, caption, heading } = card('', '', 'tall');
        figure.classList.add('pair-figure');
        byId('pair-chart').append(figure);
        /** @type {number[]} */
        let rates = [];

        /** A line's settings in the set with their mean rates. @param {string} line */
        function settings(line) {
            /** @type {Map<string, number[]>} */
            const found = new Map();
            for (const cell of cells) {
                if (cell.set !== setChoice.value || cell.line !== line || !isNumber(cell.bpp)) continue;
                found.set(cell.setting, [...found.get(cell.setting) ?? [], cell.bpp]);
            }
            return [...found].map(([setting, bpps]) => ({ setting, bpp: bpps.reduce((sum, bpp) => sum + bpp, 0) / bpps.length }))
                .sort((one, other) => one.bpp - other.bpp);
        }

        function draw() {
            const metric = metricOf.get(metricChoice.value);
            const wanted = rates[Number(slider.value)];
            const settingA = nearest(settings(a.value), one => one.bpp, wanted), settingB = nearest(settings(b.value), one => one.bpp, wanted);
            value.textContent = isNumber(wanted) ? `${rate(wanted)} bpp` : '';
            slider.setAttribute('aria-valuetext', isNumber(wanted) ? `near ${rate(wanted)} bits per pixel` : '');
            if (!metric || !settingA || !settingB) {
                unchart(plot);
                heading.textContent = '';
                caption.textContent = 'Nothing to compare here.';
                return;
            }
            /** @param {string} line @param {string} setting */
            const of = (line, setting) => new Map(cells
                .filter(cell => cell.set === setChoice.value && cell.line === line && cell.setting === setting && isNumber(cell.values?.[metric.name]))
                .map(cell => [cell.picture, cell]));
            const across = of(a.value, settingA.setting), upwards = of(b.value, settingB.setting);
            const both = [...across.keys()].filter(picture => upwards.has(picture)).map(picture => ({
                picture, a: /** @type {Cell} */ (across.get(picture)), b: /** @type {Cell} */ (upwards.get(picture)),
            }));
            const x = both.map(one => /** @type {number} */ (one.a.values[metric.name])), y = both.map(one => /** @type {number} */ (one.b.values[metric.name]));
            const better = both.filter((_, index) => isBetter(metric, y[index], x[index])).length;
            heading.textContent = `${metric.label}, ${setChoice.value}`;
            figure.querySelector('.chart-head p').textContent = `${direction(metric)}: B is ahead ${metric.lower_is_better ? 'below' : 'above'} the diagonal`;
            caption.textContent = `B is better on ${better} of ${counted(both.length, 'picture')}. A: setting ${settingA.setting}, ${rate(settingA.bpp)} bpp on average; `
                + `B: setting ${settingB.setting}, ${rate(settingB.bpp)} bpp.`;
            plot.setAttribute('role', 'group');
            plot.setAttribute('aria-label', `Scatter chart: ${lineLabel(a.value)} across, ${lineLabel(b.value)} upwards`);
            const low = Math.min(...x, ...y), high = Math.max(...x, ...y), room = (high - low || 1) * 0.08;
            const ends = both.length ? [low - room, high + room] : [0, 1];
            chart(plot, ink => ({
                traces: [
                    {
                        type: 'scatter', mode: 'lines', x: ends, y: ends, hoverinfo: 'skip', showlegend: false,
                        line: { color: ink('--muted'), width: 1.2, dash: 'dash' },
                    },
                    {
                        type: 'scatter', mode: 'markers', x, y, name: 'pictures', showlegend: false,
                        customdata: both.map((one, index) => [
                            wrapped(one.picture), plain(measured(x[index], metric)), plain(measured(y[index], metric)), rate(one.a.bpp), rate(one.b.bpp),
                        ]),
                        hovertemplate: '<b>%{customdata[0]}</b><br>A %{customdata[1]}, %{customdata[3]} bpp<br>B %{customdata[2]}, %{customdata[4]} bpp<extra></extra>',
                        marker: { color: ink('--accent'), size: 11, opacity: 0.8, line: { color: ink('--surface'), width: 1.5 } },
                        hoverlabel: { bordercolor: ink('--accent') },
                    },
                ],
                layout: layoutOf(ink,
                    { ...axis(ink, `A: ${wrapped(lineLabel(a.value))}`), range: ends },
                    { ...axis(ink, `B: ${wrapped(lineLabel(b.value))}`), range: ends }),
                name: `${data.name ?? 'report'}-pictures-${setChoice.value}-${metric.name}`.replace(/[^\w.-]+/g, '_'),
                title: `${setChoice.value}: ${metric.label}, picture by picture (${direction(metric)})`,
            }));
        }

        function rescale() {
            const before = rates[Number(slider.value)];
            rates = distinct([...settings(a.value), ...settings(b.value)].map(one => one.bpp)).sort((one, other) => one - other);
            slider.max = String(Math.max(0, rates.length - 1));
            const kept = isNumber(before) ? nearest(rates, one => one, before) : rates[Math.floor(rates.length / 2)];
            slider.value = String(Math.max(0, rates.indexOf(kept ?? 0)));
            draw();
        }

        function fit() {
            const there = lines.filter(line => cells.some(cell => cell.set === setChoice.value && cell.line === line.id));
            const options = there.map(line => ({ value: line.id, label: line.label }));
            const own = there.find(line => line.ours) ?? there[there.length - 1];
            const other = there.find(line => line.id === anchor?.id && line !== own) ?? there.find(line => line !== own) ?? own;
            offer(a, options, there.some(line => line.id === a.value) ? a.value : other.id);
            offer(b, options, there.some(line => line.id === b.value) ? b.value : own.id);
            const withValues = metrics.filter(metric => cells.some(cell => cell.set === setChoice.value && isNumber(cell.values?.[metric.name])));
            offer(metricChoice, withValues.map(metric => ({ value: metric.name, label: metric.label })), metricChoice.value);
            rescale();
        }

        offer(setChoice, usable.map(set => ({ value: set.name, label: setLabel(set) })));
        setChoice.addEventListener('change', fit);
        metricChoice.addEventListener('change', draw);
        a.addEventListener('change', rescale);
        b.addEventListener('change', rescale);
        slider.addEventListener('input', draw);
        fit();
        return true;
    }

    // ---------------------------------------------------------------- tables of facts

    /** @returns {boolean} */
    function drawSpeed() {
        const rows = /** @type {Speed[]} */ (list(data.speed));
        if (rows.length === 0) return false;
        byId('speed').hidden = false;
        const base = anchor && rows.some(row => row.codec === anchor.codec) ? anchor.codec : null;
        /** The anchor's mean on the same picture. @param {Speed} row @param {'encode_seconds'|'decode_seconds'} part */
        const ratio = (row, part) => {
            const all = rows.filter(one => one.codec === base && one.picture === row.picture).map(one => one[part]).filter(isNumber);
            const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
            return all.length && mean > 0 && isNumber(row[part]) ? row[part] / mean : null;
        };
        /** @param {string} label @param {'encode_seconds'|'decode_seconds'} part @returns {Column[]} */
        const columns = (label, part) => [
            { label: `${label}, s`, numeric: true, edge: true, value: row => row[part], cell: row => (isNumber(row[part]) ? duration(row[part]) : '—') },
            ...(base === null ? [] : [{
                label: '× anchor', numeric: true, value: (/** @type {Speed} */ row) => ratio(row, part),
                cell: (/** @type {Speed} */ row) => {
                    const times = ratio(row, part);
                    return times === null ? '—' : `× ${number(times, times < 10 ? 2 : times < 100 ? 1 : 0)}`;
                },
            }]),
        ];
        byId('speed-lead').textContent = 'One thread, one picture after the other, on the machine named above: seconds say something about this machine only. '
            + (base === null ? '' : `Ratios, which carry further, are to ${codecOf.get(base)?.label ?? base} on the same picture (the mean over its settings).`);
        byId('speed-table').replaceChildren(table({
            caption: 'Speed and memory of the codecs',
            quiet: true,
            rows,
            own: row => !!codecOf.get(row.codec)?.ours,
            columns: [
                { label: 'Codec', value: row => codecOf.get(row.codec)?.label ?? row.codec },
                { label: 'Setting', numeric: true, value: row => row.setting },
                { label: 'Picture', value: row => row.picture },
                { label: 'Megapixels', numeric: true, value: row => row.pixels, cell: row => (isNumber(row.pixels) ? number(row.pixels / 1e6, 2) : '—') },
                ...columns('Encode', 'encode_seconds'),
                ...columns('Decode', 'decode_seconds'),
                { label: 'Peak memory', numeric: true, edge: true, value: row => row.peak_bytes, cell: row => memory(row.peak_bytes) || '—' },
                ...(rows.some(row => row.note) ? [{ label: 'Note', wrap: true, value: (/** @type {Speed} */ row) => row.note || null }] : []),
            ],
        }));
        return true;
    }

    /** @returns {boolean} */
    function drawMissing() {
        const rows = /** @type {Missing[]} */ (list(data.missing));
        if (rows.length === 0) return false;
        byId('missing').hidden = false;
        byId('missing-table').replaceChildren(table({
            caption: 'Missing measurements',
            quiet: true,
            rows,
            columns: [
                { label: 'Line', value: row => lineLabel(row.line) },
                { label: 'Set', value: row => row.set },
                { label: 'Setting', value: row => row.setting ?? 'all' },
                { label: 'Picture', value: row => row.picture ?? 'all' },
                { label: 'Why', wrap: true, value: row => row.reason },
            ],
        }));
        return true;
    }

    /** @returns {boolean} */
    function drawCodecs() {
        if (codecs.length + restorers.length + metrics.length + sets.length === 0) return false;
        byId('codecs').hidden = false;
        if (codecs.length) {
            byId('codec-table').replaceChildren(table({
                caption: 'Codecs and their commands', rows: codecs, own: row => row.ours,
                columns: [
                    { label: 'Codec', value: row => row.label },
                    { label: 'Version', value: row => row.version },
                    { label: 'Chroma', value: row => row.chroma },
                    { label: 'Command', wrap: true, sort: false, value: row => row.command, cell: row => make('code', {}, row.command ?? '') },
                ],
            }));
        }
        if (restorers.length) {
            byId('restorer-table').replaceChildren(table({
                caption: 'Restorers', rows: restorers,
                columns: [{ label: 'Restorer', value: row => row.label }, { label: 'Settings', wrap: true, value: row => row.settings }],
            }));
        }
        if (metrics.length) {
            byId('metric-table').replaceChildren(table({
                caption: 'Metrics', rows: metrics,
                columns: [
                    { label: 'Metric', value: row => row.label },
                    { label: 'Direction', value: row => direction(row) },
                    { label: 'Unit', value: row => row.unit || '—' },
                    { label: 'Note', wrap: true, value: row => row.note || '—' },
                ],
            }));
        }
        if (sets.length) {
            byId('set-table').replaceChildren(table({
                caption: 'Sets of pictures', rows: sets,
                columns: [
                    { label: 'Set', value: row => row.name },
                    { label: 'Task', value: row => row.task ?? 'plain coding' },
                    { label: 'Pictures', numeric: true, value: row => row.pictures },
                    { label: 'Source', wrap: true, value: row => row.source },
                ],
            }));
        }
        return true;
    }

    // ---------------------------------------------------------------- all of it

    /** @type {[string, () => boolean, string][]} */
    const parts = [
        ['rates', drawRates, 'rate–perception curves'],
        ['gains', drawGains, 'coding gains'],
        ['paper', drawPaper, 'the paper’s numbers'],
        ['turning', drawTurning, 'a turning point (no denoising set)'],
        ['crops', drawCrops, 'crops'],
        ['pictures', drawPictures, 'values picture by picture'],
        ['speed', drawSpeed, 'speed'],
        ['missing', drawMissing, ''],
        ['codecs', drawCodecs, 'codecs'],
    ];

    drawHead();
    /** @type {string[]} */
    const absent = [];
    for (const [id, draw, words] of parts) {
        try {
            if (!draw()) {
                if (words) absent.push(words);
                continue;
            }
        } catch (problem) {
            // One part that fails leaves the others.
            console.error(problem);
            byId(id).append(make('p', { class: 'notice' }, `This part cannot be drawn: ${problem}`));
        }
        byId('contents').append(make('li', {}, make('a', { href: `#${id}` }, byId(id).dataset.label ?? id)));
    }
    if (absent.length) byId('absent').textContent = `Not in this report, as this run has no data for it: ${absent.join(', ')}.`;
    byId('origin').textContent = `Made by ${data.program?.version ? `LL-ICM ${data.program.version}` : 'LL-ICM'}. `
        + 'This file holds all of its data and fetches nothing; its charts are drawn by Plotly.js 2.28.0 (MIT licence).';

    dark.addEventListener('change', () => {
        for (const [node, draw] of charts) chart(node, draw);
    });
    document.documentElement.dataset.ready = 'true';
})();
