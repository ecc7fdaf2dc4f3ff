import LangevinCore

/// A format in which draws and traces go to other programs.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// A Zarr folder that `xarray.open_datatree` and `arviz.from_datatree` read: groups `posterior` and `sample_stats`.
  case zarr
  /// One NumPy archive: each block of the parameters `[chain, draw, ...]` and each column of the traces `[chain, row]`.
  case npz
  /// A file of tensors named as the layers, the draws of all chains one after the other: `[draw, ...]`.
  case safetensors
}

/// The draws and traces of runs with the same potential, on their way to another program.
public struct Export {
  /// An array to be written: its name, its shape, and its bytes in parts.
  struct Variable {
    let name: String
    /// Whether numbers are single precision.
    let isSingle: Bool
    /// Chains, draws or rows, and the shape of a block.
    let shape: [Int]
    /// The bytes of draw `draw` of chain `chain`.
    let bytes: (_ chain: Int, _ draw: Int) throws -> [UInt8]

    var itemSize: Int { isSingle ? 4 : 8 }
    /// Numbers of one draw.
    var drawLength: Int { shape.dropFirst(2).reduce(1, *) }
    var byteCount: Int { shape.reduce(itemSize, *) }
  }

  /// The blocks of the parameters.
  let parameters: [Variable]
  /// The columns of the traces.
  let columns: [Variable]

  /// The draws and traces of runs; longer chains are cut to the shortest.
  public init(of folders: [RunFolder]) throws {
    let stored = try StoredRuns(folders)
    let layout = stored.record.layout
    let isSingle = stored.record.precision == .single
    let draws = try DrawsReader<Double>(stored.sources, parameterCount: layout.count, single: isSingle)
    let drawCount = draws.chains.map(\.count).min() ?? 0
    parameters = layout.blocks.map { block in
      Variable(name: block.name, isSingle: isSingle, shape: [draws.chains.count, drawCount] + block.shape) {
        chain, draw in
        try draws.bytes(draws.chains[chain].lowerBound + draw, block.range)
      }
    }
    let traces = stored.traces
    let rowCount = traces.map { $0.rowCount - $0.warmupRows }.min() ?? 0
    columns = (traces.first?.columns ?? []).map { column in
      let kept = traces.map { $0.kept(column) ?? [] }
      return Variable(name: column, isSingle: false, shape: [traces.count, rowCount]) { chain, row in
        var bytes: [UInt8] = []
        bytes.append(littleEndian: kept[chain][row].bitPattern)
        return bytes
      }
    }
  }

  /// Writes everything to a file or, for Zarr, a folder, which must not be there yet.
  public func write(as format: ExportFormat, to path: String) throws {
    guard !RunFolder.exists(path) else { throw FileError(path, "exists already; name another") }
    switch format {
    case .zarr: try writeZarr(to: path)
    case .npz: try writeNumPyArchive(to: path)
    case .safetensors: try writeSafetensors(to: path)
    }
  }
}
