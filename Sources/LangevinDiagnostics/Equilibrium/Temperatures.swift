/// The kinetic temperature of one group of n parameters: sum p_i^2 / m_i / n.
///
/// In equilibrium its mean is the temperature of the thermostat, and one reading scatters about it by a share of
/// sqrt(2/n). It tells whether the momenta are heated as intended and is blind to errors of the positions.
///
/// - Parameters:
///   - momenta: The momenta of the group, at a moment at which the scheme's momenta have their Maxwell law.
///   - masses: One mass per momentum.
/// - Returns: The temperature in the units of energy.
@inlinable
public func kineticTemperature<Momenta: Collection, Masses: Collection>(
  momenta: Momenta, masses: Masses
) -> Double where Momenta.Element: BinaryFloatingPoint, Masses.Element: BinaryFloatingPoint {
  precondition(momenta.count == masses.count && !momenta.isEmpty, "one mass per momentum, and at least one momentum")
  var sum = 0.0
  for (momentum, mass) in zip(momenta, masses) {
    let p = Double(momentum)
    sum += p * p / Double(mass)
  }
  return sum / Double(momenta.count)
}

/// The kinetic temperature of one group of n parameters of equal mass: sum p_i^2 / (m n).
@inlinable
public func kineticTemperature<Momenta: Collection>(momenta: Momenta, mass: Double = 1) -> Double
where Momenta.Element: BinaryFloatingPoint {
  precondition(!momenta.isEmpty, "at least one momentum")
  var sum = 0.0
  for momentum in momenta {
    let p = Double(momentum)
    sum += p * p
  }
  return sum / (mass * Double(momenta.count))
}

/// The configurational (virial) temperature of one group of n parameters: sum (theta_i - origin_i) dU/dtheta_i / n.
///
/// Integrating by parts over exp(-U/T) gives T for its mean, for any origin and any continuous U that confines the
/// parameters, kinks of ReLU included, and for each group alone. It tests the positions, which
/// ``kineticTemperature(momenta:masses:)`` does not. Above T: the parameters are shrinking. Below: growing, or too cold.
///
/// - Parameters:
///   - position: The parameters of the group.
///   - gradient: dU/dtheta of these parameters at that position, on all data (or an unbiased estimate that is
///     independent of how the position was reached). U is the energy of the law exp(-U/T).
/// - Returns: One reading of the temperature, in the units of U.
@inlinable
public func configurationalTemperature<Position: Collection, Gradient: Collection>(
  position: Position, gradient: Gradient
) -> Double where Position.Element: BinaryFloatingPoint, Gradient.Element: BinaryFloatingPoint {
  configurationalTemperature(position: position, gradient: gradient, origin: repeatElement(0.0, count: position.count))
}

/// The configurational temperature measured from a fixed origin other than zero, such as the reference of a tether.
///
/// An origin near the mean of the parameters takes out noise; it must not depend on the draws that are measured.
@inlinable
public func configurationalTemperature<Position: Collection, Gradient: Collection, Origin: Collection>(
  position: Position, gradient: Gradient, origin: Origin
) -> Double
where
  Position.Element: BinaryFloatingPoint, Gradient.Element: BinaryFloatingPoint, Origin.Element: BinaryFloatingPoint
{
  precondition(
    position.count == gradient.count && position.count == origin.count && !position.isEmpty,
    "position, gradient and origin have the same size, at least 1")
  var sum = 0.0
  for ((coordinate, slope), fixed) in zip(zip(position, gradient), origin) {
    sum += (Double(coordinate) - Double(fixed)) * Double(slope)
  }
  return sum / Double(position.count)
}
