import CLangevinKernels
import LangevinCore

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the letters of one partition, or of one thermostat group, need to know at one step.
package struct LetterSettings {
  package var temperature: Double
  package var friction: Double
  /// The thermostat variable xi and the strength sigma of its noise.
  package var thermostat: Double
  package var drivingNoise: Double
  /// B/m, the gradient noise that letter H leaves out.
  package var knownNoise: Double

  package init(
    temperature: Double = 0, friction: Double = 0, thermostat: Double = 0, drivingNoise: Double = 0,
    knownNoise: Double = 0
  ) {
    self.temperature = temperature
    self.friction = friction
    self.thermostat = thermostat
    self.drivingNoise = drivingNoise
    self.knownNoise = knownNoise
  }
}

/// Letters composed: each is linear in (theta, p, G) and its own normals, and so is any sequence of them.
extension LinearPass {
  /// The pass that changes nothing, to which letters are added.
  package static var identity: LinearPass {
    var pass = LinearPass()
    pass.coefficients.p_p = 1
    return pass
  }

  /// Adds a letter that runs for a time t after all that the pass does already.
  package mutating func append(_ letter: SplittingLetter, for t: Double, _ s: LetterSettings) {
    switch letter {
    case .drift:
      drift(t)
    case .kick:
      coefficients.p_g -= t
    case .frictionAndNoise:
      damp(exp(-s.friction * t))
      addNoise(momentum: sqrt(s.temperature * -expm1(-2 * s.friction * t)), position: 0)
    case .thermostatFriction:
      damp(exp(-s.thermostat * t))
    case .drivingNoise:
      addNoise(momentum: s.drivingNoise * sqrt(t), position: 0)
    case .feedback:
      preconditionFailure("feedback is no pass over the parameters")
    case .thermostatFrictionAndNoise:
      damp(exp(-s.thermostat * t))
      addNoise(momentum: s.drivingNoise * sqrt(t * dampedFraction(2 * s.thermostat * t)), position: 0)
    case .flight:
      append(Flight(time: t, friction: s.friction, temperature: s.temperature))
    case .overdamped:
      coefficients.theta_g -= t
      addNoise(momentum: 0, position: sqrt(2 * s.temperature * t))
    case .averagedOverdamped:
      // The place of p holds the normals of the step before, and then those of this one.
      let amplitude = sqrt(s.temperature * t / 2)
      drift(amplitude)
      coefficients.theta_g -= t
      damp(0)
      addNoise(momentum: 1, position: amplitude)
    case .eulerLangevin:
      damp(1 - s.friction * t)
      coefficients.p_g -= t
      addNoise(momentum: sqrt(max(0, 2 * t * (s.friction * s.temperature - s.knownNoise))), position: 0)
      drift(t)
    case .eulerThermostat:
      damp(1 - s.thermostat * t)
      coefficients.p_g -= t
      addNoise(momentum: s.drivingNoise * sqrt(t), position: 0)
      drift(t)
    }
  }

  /// theta += t p/m
  mutating func drift(_ t: Double) {
    coefficients.theta_p += t * coefficients.p_p
    coefficients.theta_g += t * coefficients.p_g
    withNoises { momentum, position in
      for noise in momentum.indices { position[noise] += t * momentum[noise] }
    }
  }

  /// p = factor p
  mutating func damp(_ factor: Double) {
    coefficients.p_p *= factor
    coefficients.p_g *= factor
    withNoises { momentum, _ in
      for noise in momentum.indices { momentum[noise] *= factor }
    }
  }

  /// Letter U (eq. 2): the old momentum moves the position, and one of two normals is shared.
  private mutating func append(_ flight: Flight) {
    drift(flight.reach)
    damp(flight.decay)
    addNoise(momentum: flight.momentumNoise, position: flight.sharedNoise)
    addNoise(momentum: 0, position: flight.positionNoise)
  }

  /// The same pass for a partition whose parameters all have the mass m.
  package mutating func scale(mass: Double) {
    if mass == 1 { return }
    coefficients.theta_p /= mass
    coefficients.theta_g /= mass
    withNoises { momentum, position in
      for noise in momentum.indices {
        momentum[noise] *= mass.squareRoot()
        position[noise] /= mass.squareRoot()
      }
    }
  }

  private mutating func withNoises(
    _ body: (UnsafeMutableBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    let count = Int(coefficients.noises)
    if count == 0 { return }
    withUnsafeMutableBytes(of: &coefficients.p_r) { momentum in
      withUnsafeMutableBytes(of: &coefficients.theta_r) { position in
        body(
          UnsafeMutableBufferPointer(rebasing: momentum.bindMemory(to: Double.self)[..<count]),
          UnsafeMutableBufferPointer(rebasing: position.bindMemory(to: Double.self)[..<count]))
      }
    }
  }
}

/// f(x) = (1 - exp(-x))/x, the share of a noise that is left when friction of the same duration damps it.
package func dampedFraction(_ x: Double) -> Double {
  abs(x) < 1e-5 ? 1 - x / 2 + x * x / 6 : -expm1(-x) / x
}

/// Free flight with friction gamma over a time t at m = 1, in the forms that keep their digits for small gamma t = x:
///
///     theta += reach p + shared R1 + own R2,     p = e p + amplitude R1,     e = exp(-x)
///     reach = (1 - e)/gamma,  amplitude^2 = T (1 - e^2),  shared = sqrt(T tanh(x/2)) reach
///     own^2 = (T/gamma^2) (2x - 4 tanh(x/2)) = (T gamma t^3/6) (1 - x^2/10 + ...)
package struct Flight {
  package let decay: Double
  package let reach: Double
  package let momentumNoise: Double
  package let sharedNoise: Double
  package let positionNoise: Double

  package init(time: Double, friction: Double, temperature: Double) {
    let x = friction * time
    let half = tanh(x / 2)
    decay = exp(-x)
    reach = time * dampedFraction(x)
    momentumNoise = sqrt(temperature * -expm1(-2 * x))
    sharedNoise = sqrt(temperature * half) * reach
    let variance =
      x < 0.02 ? friction * time * time * time / 6 * (1 - x * x / 10) : (2 * x - 4 * half) / (friction * friction)
    positionNoise = sqrt(temperature * max(0, variance))
  }
}
