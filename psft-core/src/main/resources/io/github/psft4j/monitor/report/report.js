/* Draws the charts of the page anew, with values under the pointer, runs on and off, scale, smoothing and zoom. */
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var W = 480, H = 290, LEFT = 56, RIGHT = 12, TOP = 10, BOTTOM = 40, MAX_MARKERS = 20;
  var hidden = data.runs.map(function () { return false; });
  var smoothing = data.smoothing;
  var zoom = null; /* [from, to] in steps, null for everything */

  function escapeHtml(text) {
    return text.replace(/[&<>"]/g, function (c) {
      return { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c];
    });
  }

  /* Moving average with exponential weights, without the bias of its start. */
  function smooth(values) {
    var sum = 0, weight = 0;
    return values.map(function (v) {
      sum = smoothing * sum + v;
      weight = smoothing * weight + 1;
      return sum / weight;
    });
  }

  function niceStep(range) {
    var raw = range / 5, decade = Math.pow(10, Math.floor(Math.log10(raw))), f = raw / decade;
    return decade * (f > 7 ? 10 : f > 3 ? 5 : f > 1.5 ? 2 : 1);
  }

  function linearTicks(from, to) {
    var step = niceStep(to - from), ticks = [];
    var digits = Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(step))));
    for (var i = Math.ceil(from / step); i * step <= to * (1 + 1e-12); i++) {
      ticks.push({ at: i * step, label: String(Number((i * step).toFixed(digits))) });
    }
    return ticks;
  }

  function logTicks(from, to) {
    var ticks = [], wide = to / from > 1000;
    for (var e = Math.floor(Math.log10(from)); Math.pow(10, e) <= to; e++) {
      (wide ? [1] : [1, 2, 5]).forEach(function (m) {
        var v = m * Math.pow(10, e);
        if (v >= from && v <= to) {
          ticks.push({ at: v, label: e < -4 ? m + 'e' + e : String(Number(v.toPrecision(3))) });
        }
      });
    }
    return ticks;
  }

  function verticalRange(values, scale) {
    if (values.length === 0) {
      return scale === 'LOGARITHMIC' ? [0.1, 1] : [0, 1];
    }
    var low = values.reduce(function (a, b) { return Math.min(a, b); });
    var high = values.reduce(function (a, b) { return Math.max(a, b); });
    if (scale === 'LOGARITHMIC') {
      return [low / 1.15, high * 1.15];
    }
    if (scale === 'FROM_ZERO') {
      low = Math.min(0, low);
      high = Math.max(0, high);
    }
    /* What differs in its last digits only, as an average of equal values does, is level. */
    var level = high - low <= 1e-9 * Math.max(Math.abs(high), Math.abs(low));
    var margin = level ? Math.max(1e-3, 0.05 * Math.abs(high)) : 0.05 * (high - low);
    var onZero = scale === 'FROM_ZERO' && low === 0;
    return [onZero ? 0 : low - margin, onZero && high === 0 ? 1 : high + margin];
  }

  function format(v) {
    var a = Math.abs(v);
    return a === 0 ? '0' : a < 1e-4 || a >= 1e7 ? v.toExponential(2) : a >= 1000 ? v.toFixed(0) : String(Number(v.toPrecision(4)));
  }

  function Plot(chart) {
    this.chart = chart;
    this.scale = chart.scale;
    this.figure = document.getElementById(chart.id);
    this.box = this.figure.querySelector('.plot');
    this.button = document.createElement('button');
    this.button.className = 'scale';
    this.button.type = 'button';
    this.figure.querySelector('figcaption').appendChild(this.button);
    this.tip = document.createElement('div');
    this.tip.className = 'tip';
    this.tip.hidden = true;
    this.figure.appendChild(this.tip);
    var plot = this;
    this.button.addEventListener('click', function () {
      var other = chart.scale === 'LOGARITHMIC' ? 'FROM_ZERO' : chart.scale;
      plot.scale = plot.scale === 'LOGARITHMIC' ? other : 'LOGARITHMIC';
      plot.draw();
    });
    this.box.addEventListener('pointermove', function (event) { plot.move(event); });
    this.box.addEventListener('pointerleave', function () { plot.dragFrom = null; point(null); });
    this.box.addEventListener('pointerdown', function (event) {
      if (event.pointerType !== 'touch' && event.button === 0) {
        plot.dragFrom = plot.stepAt(event);
        event.preventDefault();
      }
    });
    this.box.addEventListener('pointerup', function (event) {
      var from = plot.dragFrom, to = plot.stepAt(event);
      plot.dragFrom = null;
      if (from !== null && from !== undefined && Math.abs(plot.px(from) - plot.px(to)) > 8) {
        zoom = [Math.min(from, to), Math.max(from, to)];
        drawAll();
      }
    });
    this.box.addEventListener('dblclick', function () { zoom = null; drawAll(); });
  }

  Plot.prototype.px = function (step) {
    return LEFT + (step - this.x[0]) / (this.x[1] - this.x[0]) * (W - LEFT - RIGHT);
  };

  Plot.prototype.py = function (v) {
    var y = this.y;
    var p = this.scale === 'LOGARITHMIC' ? Math.log(v / y[0]) / Math.log(y[1] / y[0]) : (v - y[0]) / (y[1] - y[0]);
    return H - BOTTOM - p * (H - BOTTOM - TOP);
  };

  Plot.prototype.stepAt = function (event) {
    var rect = this.box.getBoundingClientRect();
    var x = (event.clientX - rect.left) / rect.width * W;
    return this.x[0] + (x - LEFT) / (W - LEFT - RIGHT) * (this.x[1] - this.x[0]);
  };

  /* What this chart can show now of its lines. */
  Plot.prototype.visible = function () {
    var log = this.scale === 'LOGARITHMIC';
    return this.chart.lines.filter(function (line) { return !hidden[line.run]; }).map(function (line) {
      var smoothed = smoothing > 0 && line.y.length > MAX_MARKERS;
      var y = smoothed ? smooth(line.y) : line.y, out = { line: line, smoothed: smoothed, x: [], y: [], raw: [] };
      for (var i = 0; i < line.x.length; i++) {
        if ((!log || y[i] > 0 && line.y[i] > 0) && (!zoom || line.x[i] >= zoom[0] && line.x[i] <= zoom[1])) {
          out.x.push(line.x[i]);
          out.y.push(y[i]);
          out.raw.push(line.y[i]);
        }
      }
      return out;
    }).filter(function (line) { return line.x.length > 0; });
  };

  Plot.prototype.draw = function () {
    var plot = this, end = 1, svg = [], all = [];
    this.chart.lines.forEach(function (line) { end = Math.max(end, line.x[line.x.length - 1]); });
    this.x = zoom || [0, end];
    this.lines = this.visible();
    /* The scale follows the smoothed curves; single spikes of the raw ones may leave the plot. */
    this.lines.forEach(function (line) { all = all.concat(line.y); });
    this.y = verticalRange(all, this.scale);
    svg.push('<svg viewBox="0 0 ' + W + ' ' + H + '" role="img" aria-label="'
      + escapeHtml(this.figure.querySelector('b').textContent) + '"><clipPath id="clip-' + this.chart.id + '"><rect x="'
      + LEFT + '" y="' + (TOP - 4) + '" width="' + (W - LEFT - RIGHT + 4) + '" height="' + (H - TOP - BOTTOM + 4) + '"/></clipPath>');
    (this.scale === 'LOGARITHMIC' && this.y[1] / this.y[0] > 4 ? logTicks : linearTicks)(this.y[0], this.y[1]).forEach(function (tick) {
      var y = plot.py(tick.at).toFixed(1);
      svg.push('<line class="grid" x1="' + LEFT + '" x2="' + (W - RIGHT) + '" y1="' + y + '" y2="' + y + '"/>',
        '<text x="' + (LEFT - 6) + '" y="' + (Number(y) + 4) + '" text-anchor="end">' + tick.label + '</text>');
    });
    linearTicks(this.x[0], this.x[1]).forEach(function (tick) {
      svg.push('<text x="' + plot.px(tick.at).toFixed(1) + '" y="' + (H - BOTTOM + 17) + '" text-anchor="middle">'
        + tick.label + '</text>');
    });
    svg.push('<line class="axis" x1="' + LEFT + '" x2="' + (W - RIGHT) + '" y1="' + (H - BOTTOM) + '" y2="' + (H - BOTTOM) + '"/>',
      '<text x="' + (LEFT + W - RIGHT) / 2 + '" y="' + (H - 6) + '" text-anchor="middle">optimizer step</text>',
      '<g clip-path="url(#clip-' + this.chart.id + ')">');
    this.lines.forEach(function (line) {
      if (line.smoothed) {
        svg.push('<polyline class="raw ' + line.line.css + '" points="' + plot.points(line.x, line.raw) + '"/>');
      }
    });
    this.lines.forEach(function (line) {
      svg.push('<polyline class="line ' + line.line.css + '" points="' + plot.points(line.x, line.y) + '"/>');
      if (!line.line.dashed && line.x.length <= MAX_MARKERS) {
        line.x.forEach(function (x, i) {
          svg.push('<circle class="' + line.line.css + '" cx="' + plot.px(x).toFixed(1) + '" cy="'
            + plot.py(line.y[i]).toFixed(1) + '" r="3.5"/>');
        });
      }
    });
    svg.push('</g><g class="pointer"></g></svg>');
    this.box.innerHTML = svg.join('');
    this.button.textContent = this.scale === 'LOGARITHMIC' ? 'log' : 'linear';
    this.button.title = 'Switch the vertical axis to ' + (this.scale === 'LOGARITHMIC' ? 'linear' : 'logarithmic');
    var keys = this.figure.querySelectorAll('.key');
    this.chart.lines.forEach(function (line, i) { keys[i].style.opacity = hidden[line.run] ? 0.35 : 1; });
  };

  Plot.prototype.points = function (x, y) {
    var out = [];
    for (var i = 0; i < x.length; i++) {
      out.push(this.px(x[i]).toFixed(1) + ',' + this.py(y[i]).toFixed(1));
    }
    return out.join(' ');
  };

  Plot.prototype.move = function (event) {
    var step = this.stepAt(event), rect = this.box.getBoundingClientRect();
    if (step < this.x[0] || step > this.x[1]) {
      point(null);
      return;
    }
    point(step, this, event.clientX - rect.left, event.clientY - rect.top + this.box.offsetTop);
  };

  function nearest(x, step) {
    var low = 0, high = x.length - 1;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (x[middle] < step) { low = middle; } else { high = middle; }
    }
    return Math.abs(x[low] - step) <= Math.abs(x[high] - step) ? low : high;
  }

  Plot.prototype.showPointer = function (step) {
    var plot = this, svg = '', rows = [];
    if (step !== null && step >= this.x[0] && step <= this.x[1]) {
      svg = '<line class="cursor" x1="' + this.px(step).toFixed(1) + '" x2="' + this.px(step).toFixed(1) + '" y1="' + TOP
        + '" y2="' + (H - BOTTOM) + '"/>';
      if (this.dragFrom !== null && this.dragFrom !== undefined) {
        var a = this.px(Math.min(this.dragFrom, step)), b = this.px(Math.max(this.dragFrom, step));
        svg += '<rect class="zoom" x="' + a + '" y="' + TOP + '" width="' + (b - a) + '" height="' + (H - BOTTOM - TOP) + '"/>';
      }
      this.lines.forEach(function (line) {
        var i = nearest(line.x, step);
        svg += '<circle class="' + line.line.css + '" cx="' + plot.px(line.x[i]).toFixed(1) + '" cy="'
          + plot.py(line.y[i]).toFixed(1) + '" r="4"/>';
        rows.push('<tr><td><i class="' + line.line.css + '"></i>' + escapeHtml(line.line.name) + '</td><td>step ' + line.x[i]
          + '</td><td>' + format(line.raw[i]) + '</td></tr>');
      });
    }
    this.box.querySelector('.pointer').innerHTML = svg;
    return rows;
  };

  function point(step, under, left, top) {
    plots.forEach(function (plot) {
      var rows = plot.showPointer(step);
      plot.tip.hidden = plot !== under || rows.length === 0;
      if (!plot.tip.hidden) {
        plot.tip.innerHTML = '<table>' + rows.join('') + '</table>';
        var room = plot.figure.clientWidth - plot.tip.offsetWidth;
        plot.tip.style.left = Math.max(0, Math.min(room, left < room ? left + 14 : left - plot.tip.offsetWidth - 14)) + 'px';
        plot.tip.style.top = (top + 14) + 'px';
      }
    });
  }

  function drawAll() {
    plots.forEach(function (plot) { plot.draw(); });
    reset.hidden = zoom === null;
  }

  function runSwitch(name, run) {
    var button = document.createElement('button');
    var line = data.charts.map(function (c) { return c.lines; }).reduce(function (a, b) { return a.concat(b); })
      .filter(function (l) { return l.run === run && !l.dashed; })[0];
    button.type = 'button';
    button.innerHTML = '<i class="' + (line ? line.css : 'c' + run) + '"></i>' + escapeHtml(name);
    button.setAttribute('aria-pressed', 'true');
    button.title = 'Show or hide this run';
    button.addEventListener('click', function () {
      hidden[run] = !hidden[run];
      button.setAttribute('aria-pressed', String(!hidden[run]));
      drawAll();
    });
    return button;
  }

  var switches = document.getElementById('switches'), runs = document.createElement('div');
  data.runs.forEach(function (name, run) { runs.appendChild(runSwitch(name, run)); });
  switches.appendChild(runs);
  var label = document.createElement('label'), slider = document.createElement('input'), output = document.createElement('output');
  slider.type = 'range';
  slider.min = 0;
  slider.max = 0.99;
  slider.step = 0.01;
  slider.value = smoothing;
  output.textContent = smoothing;
  slider.addEventListener('input', function () {
    smoothing = Number(slider.value);
    output.textContent = smoothing;
    drawAll();
  });
  label.append('smoothing', slider, output);
  switches.appendChild(label);
  var reset = document.createElement('button');
  reset.type = 'button';
  reset.textContent = 'whole run';
  reset.addEventListener('click', function () { zoom = null; drawAll(); });
  switches.appendChild(reset);
  var plots = data.charts.map(function (chart) { return new Plot(chart); });
  drawAll();
})();
