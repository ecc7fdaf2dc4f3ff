import CLangevinKernels
import LangevinCore

extension Splitting {
  /// Momenta and thermostats at their initial values; the gradient, if the first kick comes before any move.
  public func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> SplittingState<Element> where P.Element == Element {
    let layout = evaluator.potential.layout
    guard position.count == layout.count else {
      throw .evaluation(.shape(of: "the position", found: position.shape, expected: [layout.count]), step: 0)
    }
    if let place = position.firstNonFinite {
      throw .evaluation(.nonFinite("a parameter", in: layout.blockName(at: place), hint: ""), step: 0)
    }
    let routes = try routes(in: layout)
    let usesMomentum = partitions.contains { $0.hasMomentum || $0.contains(.averagedOverdamped) }
    let thermostats = routes.filter { $0.thermostat != nil }
    var state = SplittingState(
      position: position, momentum: Tensor(zeros: usesMomentum ? layout.count : 0),
      gradient: Tensor(zeros: layout.count),
      thermostats: thermostats.map { partitions[$0.partition].thermostat?.initial ?? 0 },
      hotSteps: Array(repeating: 0, count: routes.count), kinetic: Array(repeating: 0, count: routes.count),
      routes: routes, keepsGradient: plan.usesKeptGradient, details: thermostats.map { ("xi.\($0.name)", 0) })
    if usesMomentum { drawMomenta(&state, from: evaluator.stream(.momenta)) }
    if plan.startsWithGradient {
      _ = try evaluator.evaluateAhead(at: position, gradient: &state.gradient, step: 0)
    }
    return state
  }

  /// The word of every partition once.
  ///
  /// If it throws, `step` still counts the steps completed, but what the failed step has moved stays moved: keeping the
  /// old numbers would cost a copy per step. ``Rewinder`` goes back to the state before, bit for bit.
  public func step<P: Potential>(
    _ state: inout SplittingState<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    var energy = Energy(cost: 0)
    for stage in 0...plan.gradientCount {
      if stage > 0 {
        energy = try evaluator.evaluateNext(at: state.position, gradient: &state.gradient, step: state.step)
      }
      for route in state.routes.indices { try run(stage, route, &state, &evaluator.noise) }
    }
    try checkTemperatures(&state)
    state.step += 1
    return record(of: &state, energy: energy, isDraw: evaluator.isAtSweepEnd)
  }

  /// The momenta at the end of the word: those of the state after the letters that wait there.
  public func momentum<P: Potential>(
    of state: SplittingState<Element>, with evaluator: Evaluator<P>
  ) throws(SamplingError) -> Tensor<Element> where P.Element == Element {
    var state = state
    var noise = evaluator.noise
    if state.step == 0 { return state.momentum }
    for route in state.routes.indices where partitions[state.routes[route].partition].hasMomentum {
      var pass = LinearPass.identity
      appendPending(to: &pass, route, state)
      try run(pass, route, &state, &noise, firstLane: 0)
    }
    return state.momentum
  }
}

// MARK: Running a plan

extension Splitting {
  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  private func run(
    _ stage: Int, _ route: Int, _ state: inout SplittingState<Element>, _ noise: inout NoiseSource
  ) throws(SamplingError) {
    let partition = state.routes[route].partition
    let track = plan.tracks[partition]
    let h = stepSize.value(at: state.step)
    // Lanes of noise are numbered over the step: those of the letters that wait first, then stage by stage.
    var lane = track.firstLanes[stage]
    for (index, operation) in track.stages[stage].enumerated() {
      switch operation {
      case .pass(let letters):
        var pass = LinearPass.identity
        if stage == 0 && index == 0 && state.step > 0 { appendPending(to: &pass, route, state) }
        let settings = settings(of: route, state, at: state.step)
        for letter in letters {
          try checkThermostat(letter, h, settings, route, state)
          pass.append(letter.letter, for: letter.fraction * h, settings)
        }
        try run(pass, route, &state, &noise, firstLane: lane)
        lane += UInt32(pass.coefficients.noises)
      case .feedback(let fraction):
        guard let (place, coupling) = state.routes[route].thermostat else { continue }
        let excess = state.kinetic[route] - Double(state.routes[route].count) * temperature(of: partition, state.step)
        state.thermostats[place] += coupling * fraction * h * excess
      }
    }
  }

  /// The letters that the step before has left.
  private func appendPending(to pass: inout LinearPass, _ route: Int, _ state: SplittingState<Element>) {
    let h = stepSize.value(at: state.step - 1)
    let settings = settings(of: route, state, at: state.step - 1)
    for letter in plan.tracks[state.routes[route].partition].pending {
      pass.append(letter.letter, for: letter.fraction * h, settings)
    }
  }

  private func run(
    _ pass: LinearPass, _ index: Int, _ state: inout SplittingState<Element>, _ noise: inout NoiseSource,
    firstLane: UInt32
  ) throws(SamplingError) {
    let route = state.routes[index]
    let mass = partitions[route.partition].sharedMass
    var pass = pass
    pass.scale(mass: mass)
    let sums =
      state.momentum.count == 0
      ? pass.run(
        over: route.ranges, position: &state.position, gradient: state.gradient, masses: route.masses, noise: &noise,
        step: state.step, firstLane: firstLane, sums: true)
      : pass.run(
        over: route.ranges, position: &state.position, momentum: &state.momentum, gradient: state.gradient,
        masses: route.masses, noise: &noise, step: state.step, firstLane: firstLane, sums: true)
    state.kinetic[index] = sums.kinetic / mass
    guard sums.norm.isFinite && sums.kinetic.isFinite && sums.gradient.isFinite else {
      let quantity = !sums.gradient.isFinite ? "the gradient" : !sums.norm.isFinite ? "the position" : "the momentum"
      throw .diverged(
        step: state.step, quantity: quantity, in: route.name, hint: "the step size is likely too large")
    }
  }

  private func settings(of route: Int, _ state: SplittingState<Element>, at step: UInt64) -> LetterSettings {
    let route = state.routes[route]
    let partition = partitions[route.partition]
    return LetterSettings(
      temperature: partition.temperature.value(at: step), friction: partition.friction,
      thermostat: route.thermostat.map { state.thermostats[$0.index] } ?? 0,
      drivingNoise: partition.thermostat?.drivingNoise ?? 0, knownNoise: partition.knownNoise / partition.sharedMass)
  }

  private func temperature(of partition: Int, _ step: UInt64) -> Double {
    partitions[partition].temperature.value(at: step)
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  private func record(of state: inout SplittingState<Element>, energy: Energy, isDraw: Bool) -> StepRecord {
    var sum = 0.0
    var count = 0
    for (index, route) in state.routes.enumerated() where partitions[route.partition].hasMomentum {
      sum += state.kinetic[index]
      count += route.count
    }
    for index in state.details.indices { state.details[index].value = state.thermostats[index] }
    return StepRecord(
      energy: energy, kinetic: count == 0 ? nil : (sum, count), isDraw: isDraw, details: state.details)
  }
}

// MARK: Runaways

extension Splitting {
  private func checkThermostat(
    _ letter: SplittingWord.TimedLetter, _ h: Double, _ settings: LetterSettings, _ route: Int,
    _ state: SplittingState<Element>
  ) throws(SamplingError) {
    guard letter.letter.needsThermostat else { return }
    guard abs(settings.thermostat * letter.fraction * h) <= 50 else {
      throw .diverged(
        step: state.step, quantity: "the thermostat variable \(settings.thermostat)", in: state.routes[route].name,
        hint: "the thermostat ran away; its coupling times the size of its group is likely too large for the step size")
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  private func checkTemperatures(_ state: inout SplittingState<Element>) throws(SamplingError) {
    guard stopsRunaways else { return }
    for (index, route) in state.routes.enumerated() where partitions[route.partition].hasMomentum {
      let temperature = temperature(of: route.partition, state.step)
      let isHot = temperature > 0 && state.kinetic[index] > 1e8 * Double(route.count) * temperature
      state.hotSteps[index] = isHot ? state.hotSteps[index] + 1 : 0
      if state.hotSteps[index] >= 100 {
        throw .diverged(
          step: state.step, quantity: "the kinetic energy", in: route.name,
          hint: "for 100 steps it was more than 10^8 times that of the temperature; the step size is likely too large")
      }
    }
  }
}

// MARK: Starting

extension Splitting {
  private func routes(in layout: ParameterLayout) throws(SamplingError) -> [Route<Element>] {
    do throws(LangevinError) {
      let resolved = try layout.partitions(partitions.map { ($0.name, $0.parameters) })
      var routes: [Route<Element>] = []
      var thermostatCount = 0
      for (index, partition) in partitions.enumerated() {
        var masses = Masses<Element>.unit
        if case .perParameter(let tensor) = partition.mass {
          guard tensor.count == layout.count else {
            throw .shape(of: "the masses of '\(partition.name)'", found: tensor.shape, expected: [layout.count])
          }
          masses = Masses(tensor)
        }
        for group in try partition.thermostat?.groups(of: resolved[index], in: layout) ?? [resolved[index]] {
          routes.append(
            Route(
              name: group.name, ranges: group.ranges, count: group.count, partition: index,
              thermostat: partition.thermostat.map { (thermostatCount, $0.coupling(of: group.count)) }, masses: masses))
          if partition.thermostat != nil { thermostatCount += 1 }
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
    for route in state.routes {
      let partition = partitions[route.partition]
      var amplitude = 1.0
      if partition.hasMomentum {
        amplitude = initialMomentum == .thermal ? temperature(of: route.partition, 0).squareRoot() : 0
      }
      var pass = LinearPass()
      pass.addNoise(momentum: amplitude, position: 0)
      pass.scale(mass: partition.sharedMass)
      pass.run(
        over: route.ranges, position: &state.position, momentum: &state.momentum, gradient: state.gradient,
        masses: route.masses, noise: &noise, step: 0)
    }
  }
}
