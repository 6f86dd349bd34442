'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const part = document.getElementById('part');
data.parts.forEach((name, index) => part.add(new Option(name.replace('_', ' '), index)));

function traces(section, values) {
  return Object.entries(section.people).map(([id, person]) => ({
    x: person.t,
    y: values(person),
    name: id === '0' ? 'no id' : `person ${id}`,
    mode: id === '0' ? 'markers' : 'lines+markers',
    marker: { size: id === '0' ? 3 : 4, color: section.colours[id] },
    line: { width: 1.5, color: section.colours[id] },
    hovertemplate: '%{y} at %{x}',
  }));
}

function plots(section) {
  const number = () => Number(part.value);
  return [
    ['score of each person', () => traces(section, (person) => person.s), { range: [0, 1] }],
    ['number of people', () => [{
      x: section.times, y: section.counts, name: 'people', mode: 'lines+markers',
      marker: { size: 3 }, line: { shape: 'hv', width: 1.5, color: '#444' },
    }], { rangemode: 'tozero', dtick: Math.max(1, Math.ceil(Math.max(0, ...section.counts) / 6)) }],
    ['keypoint: x in pixels', () => traces(section, (one) => one.x.map((x) => x[number()])), {}],
    ['keypoint: y in pixels, down', () => traces(section, (one) => one.y.map((y) => y[number()])),
      { autorange: 'reversed' }],
  ];
}

function draw(section, element, seek) {
  if (section.times.length < 2) return () => {}; // there is nothing to plot over time
  const holders = plots(section).map(([title, lines, yaxis]) => {
    const holder = element.appendChild(document.createElement('div'));
    const end = section.times[section.times.length - 1];
    const margin = section.is_video ? 0.01 * end : 0.5;
    const layout = {
      title: { text: title, font: { size: 13 }, x: 0.02, y: 0.97 },
      margin: { l: 50, r: 10, t: 28, b: 34 }, hovermode: 'closest', showlegend: false,
      paper_bgcolor: 'rgba(0,0,0,0)',
      xaxis: { zeroline: false, range: [-margin, end + margin], title: {
        text: section.is_video ? 'seconds in the video' : 'number of the image', font: { size: 11 },
      } },
      yaxis,
      shapes: [{ type: 'line', x0: 0, x1: 0, y0: 0, y1: 1, yref: 'paper',
        line: { color: '#d00', width: 1.5 } }],
    };
    Plotly.newPlot(holder, lines(), layout, { responsive: true, displayModeBar: false });
    holder.on('plotly_click', (event) => seek(event.points[0].x));
    part.addEventListener('change', () => Plotly.react(holder, lines(), holder.layout));
    return holder;
  });
  return (time) => holders.forEach((holder) => Plotly.relayout(holder, {
    'shapes[0].x0': time, 'shapes[0].x1': time,
  }));
}

function followVideo(video, section, element) {
  const show = draw(section, element, (time) => { video.currentTime = time; });
  let shown = 0;
  const follow = () => {
    if (video.currentTime !== shown) {
      shown = video.currentTime;
      show(shown);
    }
    requestAnimationFrame(follow);
  };
  follow();
}

function followImages(images, section, element) {
  const slider = document.createElement('input');
  Object.assign(slider, { type: 'range', min: 0, max: Math.max(0, images.length - 1), value: 0 });
  const showImage = (index) => {
    images.forEach((image, number) => { image.hidden = number !== index; });
  };
  const show = draw(section, element, (index) => {
    slider.value = index;
    slider.dispatchEvent(new Event('input'));
  });
  slider.addEventListener('input', () => {
    showImage(Number(slider.value));
    show(Number(slider.value));
  });
  if (images.length > 1) images[0].parentElement.append(slider);
  showImage(0);
}

data.sections.forEach((section, index) => {
  const element = document.getElementById(`s${index}`);
  const holder = element.querySelector('.plots');
  const video = element.querySelector('video');
  if (video) followVideo(video, section, holder);
  else followImages([...element.querySelectorAll('img')], section, holder);
});
