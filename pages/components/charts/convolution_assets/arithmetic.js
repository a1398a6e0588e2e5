// The arithmetic of a convolution, in 64 bits on the 32-bit values of the network.

function prepared(data) {
  const packed = ["inputs", "weights", "bias", "outputs", "activated", "norm"].map((name) => [name, floats(data[name])]);
  const { bias: [bias], norm: [factor, shift], ...arrays } = Object.fromEntries(packed);
  const { inputs, weights, outputs, activated } = arrays, normed = outputs.map((value) => value * factor + shift);
  const scales = { inputs: scaleOf(inputs), activated: scaleOf(activated) };
  scales.weights = scaleOf(weights, { signed: true });
  scales.products = scaleOf([scales.inputs.largest * scales.weights.largest], { signed: true });
  scales.sums = scaleOf(outputs, { digits: 3, signed: true });
  // Without batch norm these numbers do not exist, and the activation is applied to the sum directly
  scales.normed = factor === undefined ? scales.sums : scaleOf(normed, { digits: 3, signed: true });
  return { ...data, ...arrays, bias, norm: factor === undefined ? null : { factor, shift, normed }, scales };
}

// The input value under each weight of the filter; undefined in the padding.
function windowOf({ inputs, rows, columns, kernel, stride, padding }, channel, [row, column]) {
  return Array.from({ length: kernel ** 2 }, (_, at) => {
    const y = row * stride - padding + Math.floor(at / kernel), x = column * stride - padding + (at % kernel);
    return y < 0 || y >= rows || x < 0 || x >= columns ? undefined : inputs[(channel * rows + y) * columns + x];
  });
}

function multiplied(data, channel, pixel) {
  const weights = Array.from(data.weights.subarray(channel * data.kernel ** 2, (channel + 1) * data.kernel ** 2));
  const values = windowOf(data, channel, pixel), products = weights.map((weight, at) => weight * (values[at] ?? 0));
  return { channel, values, weights, products, sum: sum(products) };
}

function strongest({ activated, outputs, output: [, columns] }) {
  let best = 0;
  activated.forEach((value, at) => {
    if (value > activated[best] || (value === activated[best] && outputs[at] > outputs[best])) best = at;
  });
  return [Math.floor(best / columns), best % columns];
}
