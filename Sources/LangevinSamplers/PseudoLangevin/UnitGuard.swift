import LangevinCore

/// Finds units of a network that have become hot since the last update (the guard of section 4.7).
///
/// A unit is a row of a weight matrix with its bias. Between updates nothing holds a unit whose gradient noise grows: one
/// that was silent when its variance was measured heats up when it wakes. In equilibrium sum p^2/(M T) over n momenta
/// has mean n and variance 2n, so a unit above n (1 + 10 sqrt(2/n)) is not in equilibrium.
package struct UnitGuard: Sendable {
  /// The elements of each unit.
  package let units: [[Range<Int>]]

  package init(_ layout: ParameterLayout) {
    var units: [[Range<Int>]] = []
    for block in layout.blocks where !block.range.isEmpty {
      if block.shape.count < 2 {
        // A bias belongs to the units of the weight before it; other vectors are units of their own.
        if !block.name.hasSuffix(".bias") { units.append([block.range]) }
        continue
      }
      let rows = block.shape[0]
      let width = block.range.count / rows
      let bias = block.name.hasSuffix(".weight") ? layout[block.name.dropLast(7) + ".bias"]?.range : nil
      for row in 0..<rows {
        let start = block.range.lowerBound + row * width
        var unit = [start..<start + width]
        if let bias, bias.count == rows { unit.append(bias.lowerBound + row..<bias.lowerBound + row + 1) }
        units.append(unit)
      }
    }
    self.units = units
  }

  /// The numbers of the units that are too hot.
  package func hotUnits<Element>(
    momentum: Tensor<Element>, inverseMass: Tensor<Element>, temperature: Double
  ) -> [Int] {
    momentum.withPointer { p in
      inverseMass.withPointer { u in
        units.indices.filter { unit in
          let count = Double(units[unit].reduce(0) { $0 + $1.count })
          let sum = units[unit].reduce(0) {
            $0 + Element.kernels.weightedSquare(u + $1.lowerBound, p + $1.lowerBound, $1.count)
          }
          return sum > temperature * (count + 10 * (2 * count).squareRoot())
        }
      }
    }
  }
}
