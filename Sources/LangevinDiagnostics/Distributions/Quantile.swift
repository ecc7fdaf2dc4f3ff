/// The p-quantile of sorted values, interpolated linearly between the two order statistics beside it.
///
/// This is type 7 of Hyndman and Fan (1996), the default of R and NumPy. The order of the operations matters: an
/// indicator "at most the quantile" turns on the last bit where a quantile falls on a draw.
func quantile(_ probability: Double, ofSorted values: [Double]) -> Double {
  let count = Double(values.count)
  let position = count * probability + (1 - probability)
  let below = min(max(position, 1), count - 1).rounded(.down)
  let weight = min(max(position - below, 0), 1)
  let index = Int(below)
  return (1 - weight) * values[index - 1] + weight * values[index]
}

/// The middle of sorted values, or halfway between the two in the middle.
func median(ofSorted values: [Double]) -> Double {
  let half = values.count / 2
  return values.count.isMultiple(of: 2) ? (values[half - 1] + values[half]) / 2 : values[half]
}
