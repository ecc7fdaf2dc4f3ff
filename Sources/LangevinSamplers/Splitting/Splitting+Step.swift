import LangevinCore

extension Splitting {
  /// The word of every partition once.
  ///
  /// If it throws, `step` still counts the steps completed, but what the failed step has moved stays moved: keeping the
  /// old numbers would cost a copy per step.
  @specialized(where Element == Float, P == Posterior<Float>)
  public func step<P: Potential>(
    _ state: inout SplittingState<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    try run(stage: 0, &state, &evaluator.noise)
    var energy = Energy(cost: 0)
    for stage in 1...plan.gradientCount {
      energy = try evaluator.gradient(
        on: .next, at: state.position, into: &state.gradient, step: state.step, checked: false)
      try run(stage: stage, &state, &evaluator.noise)
    }
    return try finish(&state, energy: energy, isDraw: evaluator.isAtSweepEnd)
  }

  /// The momenta at the end of the word: those of the state after the letters that wait there.
  package func momentum<P: Potential>(
    of state: SplittingState<Element>, with evaluator: Evaluator<P>
  ) throws(SamplingError) -> Tensor<Element> where P.Element == Element {
    var state = state
    var noise = evaluator.noise
    if state.step == 0 { return state.momentum }
    for (index, route) in state.routes.enumerated() where route.hasMomentum {
      try run(state.waiting(on: route), route, index, &state, &noise, firstLane: 0)
    }
    return state.momentum
  }
}

// MARK: Running a plan

extension Splitting {
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func run(
    stage: Int, _ state: inout SplittingState<Element>, _ noise: inout NoiseSource
  ) throws(SamplingError) {
    let h = stepSize.value(at: state.step)
    for index in state.routes.indices {
      let route = state.routes[index]
      var settings = state.settings(of: route, at: state.step)
      // Lanes of noise are numbered over the step: those of the letters that wait first, then stage by stage.
      var lane = route.track.firstLanes[stage]
      var isFirst = stage == 0 && state.step > 0
      for operation in route.track.stages[stage] {
        switch operation {
        case .pass(let letters):
          var pass = isFirst ? state.waiting(on: route) : Pass()
          isFirst = false
          for letter in letters {
            if letter.letter.needsThermostat { try check(letter, h, settings, route, state) }
            pass = letter.letter.append(pass, letter.fraction * h, settings)
          }
          try run(pass, route, index, &state, &noise, firstLane: lane)
          lane += UInt32(pass.noiseCount)
        case .feedback(let fraction):
          guard let (place, coupling) = route.thermostat else { continue }
          let excess = state.kinetic[index] - Double(route.count) * settings.temperature
          state.thermostats[place] += coupling * fraction * h * excess
          settings.thermostat = state.thermostats[place]
        }
      }
    }
  }

  private func run(
    _ pass: Pass, _ route: Route<Element>, _ index: Int, _ state: inout SplittingState<Element>,
    _ noise: inout NoiseSource, firstLane: UInt32
  ) throws(SamplingError) {
    let pass = pass.scaled(mass: route.mass)
    guard route.usesMomentum else {
      pass.run(
        over: route.ranges, position: &state.position, gradient: state.gradient, masses: route.masses, noise: &noise,
        step: state.step, firstLane: firstLane)
      return
    }
    let sums = pass.run(
      over: route.ranges, position: &state.position, momentum: &state.momentum, gradient: state.gradient,
      masses: route.masses, noise: &noise, step: state.step, firstLane: firstLane, sums: true)
    state.kinetic[index] = sums.kinetic / route.mass
    // A gradient or a momentum that is not finite shows here, a position at the next energy.
    if !sums.kinetic.isFinite { throw divergence(state, route) }
  }

  /// The end of a step: counts, checks and reports.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func finish(
    _ state: inout SplittingState<Element>, energy: Energy, isDraw: Bool
  ) throws(SamplingError) -> StepRecord {
    for index in state.routes.indices where state.routes[index].hasMomentum {
      try checkTemperature(index, state.routes[index], &state)
    }
    for index in state.details.indices { state.details[index].value = state.thermostats[index] }
    state.step += 1
    var (sum, count) = (0.0, 0)
    for (index, route) in state.routes.enumerated() where route.hasMomentum {
      sum += state.kinetic(of: route, over: route.ranges, stored: state.kinetic[index])
      count += route.count
    }
    return StepRecord(energy: energy, kinetic: count == 0 ? nil : (sum, count), isDraw: isDraw, details: state.details)
  }
}

// MARK: Runaways

extension Splitting {
  private func divergence(_ state: SplittingState<Element>, _ route: Route<Element>) -> SamplingError {
    let quantities = [
      ("the gradient", state.gradient), ("the position", state.position), ("the momentum", state.momentum),
    ]
    let found = quantities.lazy.compactMap { name, tensor in tensor.firstNonFinite.map { (name, $0) } }.first
    return .diverged(
      step: state.step, quantity: found?.0 ?? "the kinetic energy",
      in: found.map { "\(route.name), parameter \($0.1)" } ?? route.name, hint: "the step size is likely too large")
  }

  private func check(
    _ letter: SplittingWord.TimedLetter, _ h: Double, _ settings: LetterSettings, _ route: Route<Element>,
    _ state: SplittingState<Element>
  ) throws(SamplingError) {
    guard abs(settings.thermostat * letter.fraction * h) <= 50 else {
      throw .diverged(
        step: state.step, quantity: "the thermostat variable \(settings.thermostat)", in: route.name,
        hint: "the thermostat ran away; its coupling times the size of its group is likely too large for the step size")
    }
  }

  private func checkTemperature(
    _ index: Int, _ route: Route<Element>, _ state: inout SplittingState<Element>
  ) throws(SamplingError) {
    guard stopsRunaways else { return }
    let temperature = route.dynamics.temperature.value(at: state.step)
    let isHot = temperature > 0 && state.kinetic[index] > 1e8 * Double(route.count) * temperature
    state.hotSteps[index] = isHot ? state.hotSteps[index] + 1 : 0
    guard state.hotSteps[index] < 100 else {
      throw .diverged(
        step: state.step, quantity: "the kinetic energy", in: route.name,
        hint: "for 100 steps it was more than 10^8 times that of the temperature; the step size is likely too large")
    }
  }
}
