import Foundation

extension JSON {
  /// A value as a document.
  init(encoding value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    try self.init(parsing: [UInt8](encoder.encode(value)))
  }

  /// The value that a document says.
  func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(description.utf8))
  }
}
