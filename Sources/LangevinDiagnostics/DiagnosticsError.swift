/// Why numbers could not be turned into a diagnostic: what was found, where, and what was expected.
///
/// Chains, draws, examples and classes are counted from 0.
public enum DiagnosticsError: Error, Equatable, Sendable {
  /// A table without chains.
  case noChains
  /// A chain too short to say anything about its fluctuations.
  case tooFewDraws(chain: Int, found: Int, needed: Int)
  /// A chain that differs in length from the first one.
  case unequalChains(chain: Int, found: Int, expected: Int)
  /// A draw that is not finite, or too large for its fourth power to be.
  case unusableValue(chain: Int, draw: Int, value: Double)
  /// Two inputs that belong together and differ in size.
  case sizeMismatch(what: String, found: Int, expected: Int)
  /// Nothing to work on where at least one item is needed.
  case empty(what: String)
  /// An entry of an input that is not a number of the kind expected there.
  case invalidEntry(what: String, index: Int, value: Double, expected: String)
}

extension DiagnosticsError: CustomStringConvertible {
  /// One sentence for the user.
  public var description: String {
    switch self {
    case .noChains:
      "no chains: at least one chain of draws is needed"
    case .tooFewDraws(let chain, let found, let needed):
      "chain \(chain) has \(found) draws, at least \(needed) are needed: run longer or keep more draws"
    case .unequalChains(let chain, let found, let expected):
      "chain \(chain) has \(found) draws, chain 0 has \(expected): cut all chains to the same length"
    case .unusableValue(let chain, let draw, let value):
      "draw \(draw) of chain \(chain) is \(value), expected a finite number below \(Draws.largestMagnitude): "
        + "look for divergence just before it"
    case .sizeMismatch(let what, let found, let expected):
      "\(what): found \(found), expected \(expected)"
    case .empty(let what):
      "\(what): none given, at least one is needed"
    case .invalidEntry(let what, let index, let value, let expected):
      "\(what) \(index) is \(value), expected \(expected)"
    }
  }
}
