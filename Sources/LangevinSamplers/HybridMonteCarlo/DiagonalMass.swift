import LangevinCore

extension RunningVariance {
  /// Masses proportional to 1/variance with the geometric mean `mass`, so that the step keeps its meaning.
  ///
  /// From n positions a variance is known to sqrt(2/n): its logarithm is drawn towards the mean one as if by five more.
  package func masses(around mass: Double) -> Tensor<Element> {
    let variances = variances.elements
    let total = variances.reduce(0, +)
    // A parameter that never moved would get an infinite mass.
    let floor = 1e-12 * total / Double(variances.count)
    let logarithms = variances.map { total > 0 ? Math.log(max($0, floor)) : 0 }
    let mean = logarithms.reduce(0, +) / Double(logarithms.count)
    return Tensor(logarithms.map { Element(mass * Math.exp((mean - $0) * count / (count + 5))) })
  }
}
