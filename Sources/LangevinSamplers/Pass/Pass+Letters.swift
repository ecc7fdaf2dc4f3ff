import LangevinCore

/// The letters. Each acts for a time t after all that the pass does already; R are fresh normals, one for each parameter.
extension Pass {
  /// theta += t p/m
  public consuming func drift(_ t: Double) -> Pass {
    coefficients.theta_p += t * coefficients.p_p
    coefficients.theta_g += t * coefficients.p_g
    withNoises { momentum, position in
      for noise in momentum.indices { position[noise] += t * momentum[noise] }
    }
    return self
  }

  /// p -= t G
  public consuming func kick(_ t: Double) -> Pass {
    coefficients.p_g -= t
    return self
  }

  /// p = factor p
  public consuming func damp(_ factor: Double) -> Pass {
    coefficients.p_p *= factor
    coefficients.p_g *= factor
    withNoises { momentum, _ in
      for noise in momentum.indices { momentum[noise] *= factor }
    }
    return self
  }

  /// p = c p + sqrt((1 - c^2) m T) R: momenta partly drawn anew from their law. c = 0 draws them wholly.
  public consuming func refresh(keeping c: Double, temperature: Double) -> Pass {
    damp(c).noise(momentum: ((1 - c * c) * temperature).squareRoot())
  }

  /// The same with c = exp(-gamma t), the exact flow of friction and its noise, in a form that keeps its digits.
  public consuming func thermostat(_ t: Double, friction: Double, temperature: Double) -> Pass {
    damp(Math.exp(-friction * t)).noise(momentum: (temperature * -Math.expm1(-2 * friction * t)).squareRoot())
  }

  /// theta -= t G/m: the step of gradient descent.
  public consuming func descend(_ t: Double) -> Pass {
    coefficients.theta_g -= t
    return self
  }

  /// theta += -t G/m + sqrt(2 T t/m) R: the step of overdamped Langevin dynamics.
  public consuming func overdamped(_ t: Double, temperature: Double) -> Pass {
    descend(t).noise(position: (2 * t * temperature).squareRoot())
  }

  /// theta += -t G/m + (p + a R)/m, and p = a R for the next step: overdamped dynamics whose noise is shared between
  /// neighbouring steps. a is sqrt(T t/2) of the step to come; p holds the noise of the step before.
  public consuming func sharedOverdamped(_ t: Double, next a: Double) -> Pass {
    drift(1).descend(t).damp(0).noise(momentum: a, position: a)
  }

  /// p += a sqrt(m) R and theta += b R/sqrt(m), the same R in both.
  public consuming func noise(momentum a: Double = 0, position b: Double = 0) -> Pass {
    let index = Int(coefficients.noises)
    precondition(index < Pass.mostNoises, "a pass has at most \(Pass.mostNoises) noises")
    withUnsafeMutableBytes(of: &coefficients.p_r) { $0.bindMemory(to: Double.self)[index] = a }
    withUnsafeMutableBytes(of: &coefficients.theta_r) { $0.bindMemory(to: Double.self)[index] = b }
    coefficients.noises += 1
    return self
  }

  /// Free flight with friction over a time t, exact: positions and momenta share one of two normals.
  ///
  ///     theta += reach p + shared R1 + own R2,     p = c p + a R1,     c = exp(-x),  x = gamma t
  ///     reach = (1 - c)/gamma,  a^2 = T (1 - c^2),  shared = sqrt(T tanh(x/2)) reach
  ///     own^2 = (T/gamma^2) (2x - 4 tanh(x/2)) = (T gamma t^3/6) (1 - x^2/10 + ...)
  ///
  /// Sanz-Serna and Zygalakis, arXiv 2104.12384, eq. 2, in forms that keep their digits for small x.
  public consuming func flight(_ t: Double, friction: Double, temperature: Double) -> Pass {
    let x = friction * t
    let half = Math.tanh(x / 2)
    let reach = t * dampedFraction(x)
    let variance =
      x < 0.02 ? friction * t * t * t / 6 * (1 - x * x / 10) : (2 * x - 4 * half) / (friction * friction)
    return drift(reach).damp(Math.exp(-x))
      .noise(
        momentum: (temperature * -Math.expm1(-2 * x)).squareRoot(),
        position: (temperature * half).squareRoot() * reach
      )
      .noise(position: (temperature * max(0, variance)).squareRoot())
  }

  /// The same pass for parameters that all have the mass m, where the masses of the run are left at 1.
  package consuming func scaled(mass: Double) -> Pass {
    if mass == 1 { return self }
    coefficients.theta_p /= mass
    coefficients.theta_g /= mass
    withNoises { momentum, position in
      for noise in momentum.indices {
        momentum[noise] *= mass.squareRoot()
        position[noise] /= mass.squareRoot()
      }
    }
    return self
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
  abs(x) < 1e-5 ? 1 - x / 2 + x * x / 6 : -Math.expm1(-x) / x
}
