/* Shows the items that have a tag and a text. */
(function () {
  'use strict';
  var items = Array.prototype.slice.call(document.querySelectorAll('details.item'));
  var bar = document.getElementById('filters');
  var counts = {}, chosen = '', wanted = '';
  items.forEach(function (item) {
    item.dataset.tags.split(' ').forEach(function (tag) {
      if (tag) { counts[tag] = (counts[tag] || 0) + 1; }
    });
  });
  var shown = document.createElement('span');
  shown.className = 'mark';

  function show() {
    var n = 0;
    items.forEach(function (item) {
      var tagged = !chosen || item.dataset.tags.split(' ').indexOf(chosen) >= 0;
      item.hidden = !(tagged && (!wanted || item.textContent.toLowerCase().indexOf(wanted) >= 0));
      n += item.hidden ? 0 : 1;
    });
    shown.textContent = n + ' of ' + items.length;
    Array.prototype.forEach.call(bar.querySelectorAll('button'), function (button) {
      button.setAttribute('aria-pressed', button.dataset.tag === chosen ? 'true' : 'false');
    });
  }

  [''].concat(Object.keys(counts)).forEach(function (tag) {
    var button = document.createElement('button');
    button.type = 'button';
    button.dataset.tag = tag;
    button.textContent = tag ? tag.replace(/_/g, ' ') + ' ' + counts[tag] : 'all ' + items.length;
    button.addEventListener('click', function () { chosen = tag; show(); });
    bar.appendChild(button);
  });
  var search = document.createElement('input');
  search.type = 'search';
  search.placeholder = 'text in question or answer';
  search.addEventListener('input', function () { wanted = search.value.toLowerCase(); show(); });
  bar.appendChild(search);
  bar.appendChild(shown);
  show();
})();
