import LangevinCore
import LangevinData
import LangevinSamplers

/// What a checkpoint begins with: enough to tell how far a chain is without knowing its sampler.
struct CheckpointHeader {
  /// The chain, from 0.
  var chain = 0
  /// Time spent on its steps.
  var seconds = 0.0
  /// Steps done.
  var step: UInt64 = 0
  /// How much of its files belongs to it.
  var lengths = FileLengths()

  mutating func archive(in archive: inout some StateArchive) throws {
    try archive.field("chain", &chain)
    try archive.field("seconds", &seconds)
    try archive.field("step", &step)
    try archive.field("trace-bytes", &lengths.trace)
    try archive.field("draws", &lengths.draws)
  }
}

extension CheckpointHeader {
  /// The beginning of a chain's last checkpoint, whatever the size of the rest; nil without one, or one of another version.
  init?(ofChain chain: Int, in folder: RunFolder) {
    guard let file = try? RawFile(path: folder.checkpoint(chain)),
      let bytes = try? file.read(min(file.size, 512), at: 0), let checkpoint = Checkpoint(beginning: bytes)
    else { return nil }
    var archive = ArchiveReader(checkpoint, path: file.path)
    self.init()
    do { try self.archive(in: &archive) } catch { return nil }
  }
}
