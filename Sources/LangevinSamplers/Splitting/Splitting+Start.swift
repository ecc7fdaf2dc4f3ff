import LangevinCore

extension Splitting {
  /// Momenta and thermostats at their initial values; the gradient, if the first kick comes before any move.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> SplittingState<Element> where P.Element == Element {
    try evaluator.check(start: position)
    if case .sweeps = evaluator.batches.scheme, !stepSize.isConstant {
      throw .refused("\(name): a step size that changes within a sweep undoes its symmetry; use a constant one")
    }
    let routes = try routes(in: evaluator.potential.layout)
    let usesMomentum = partitions.contains(where: \.usesMomentum)
    let groups = routes.filter { $0.thermostat != nil }
    var state = SplittingState(
      position: position, momentum: Tensor(zeros: usesMomentum ? position.count : 0),
      gradient: Tensor(zeros: position.count), thermostats: groups.map { $0.dynamics.thermostat?.initial ?? 0 },
      hotSteps: Array(repeating: 0, count: routes.count), kinetic: Array(repeating: 0, count: routes.count),
      routes: routes, stepSize: stepSize, keepsGradient: plan.usesKeptGradient,
      details: groups.map { ("xi.\($0.name)", 0) })
    if usesMomentum { drawMomenta(&state, from: evaluator.stream(.momenta)) }
    if plan.startsWithGradient {
      _ = try evaluator.gradient(on: .ahead, at: position, into: &state.gradient, step: 0, checked: false)
    }
    return state
  }

  private func routes(in layout: ParameterLayout) throws(SamplingError) -> [Route<Element>] {
    do throws(LangevinError) {
      let resolved = try layout.partitions(partitions.map { ($0.name, $0.parameters) })
      var routes: [Route<Element>] = []
      var thermostatCount = 0
      for (index, dynamics) in partitions.enumerated() {
        var masses = Masses<Element>.unit
        if case .perParameter(let tensor) = dynamics.mass {
          guard tensor.count == layout.count else {
            throw .shape(of: "the masses of '\(dynamics.name)'", found: tensor.shape, expected: [layout.count])
          }
          masses = Masses(tensor)
        }
        for group in try dynamics.thermostat?.groups(of: resolved[index], in: layout) ?? [resolved[index]] {
          routes.append(
            Route(group, of: dynamics, track: plan.tracks[index], masses: masses, thermostatIndex: thermostatCount))
          if dynamics.thermostat != nil { thermostatCount += 1 }
        }
      }
      return routes
    } catch {
      throw SamplingError(setting: error)
    }
  }

  /// p from N(0, mT), or 0; for letter Y normals with variance m, its R of a step before the first.
  private func drawMomenta(_ state: inout SplittingState<Element>, from random: RandomStream) {
    var noise = NoiseSource.stream(random)
    for route in state.routes where route.usesMomentum {
      var amplitude = 1.0
      if route.hasMomentum {
        amplitude = initialMomentum == .thermal ? route.dynamics.temperature.value(at: 0).squareRoot() : 0
      }
      Pass().damp(0).noise(momentum: amplitude).scaled(mass: route.mass).run(
        over: route.ranges, position: &state.position, momentum: &state.momentum, gradient: state.gradient,
        masses: route.masses, noise: &noise, step: 0)
    }
  }
}
