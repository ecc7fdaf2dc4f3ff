// Lists the public symbols of a symbol graph that have no doc comment, and fails if there are any.
// Members that the compiler makes are left out; a comment that comes with a protocol's requirement counts.
import Foundation

struct SymbolGraph: Decodable {
  struct Symbol: Decodable {
    struct Kind: Decodable { let displayName: String }
    struct Identifier: Decodable { let precise: String }
    struct DocComment: Decodable {}
    struct Location: Decodable {
      struct Position: Decodable { let line: Int }
      let uri: String
      let position: Position
    }
    let kind: Kind
    let identifier: Identifier
    let pathComponents: [String]
    let docComment: DocComment?
    let location: Location?
  }
  let symbols: [Symbol]
}

var undocumented: [String] = []
var count = 0
for path in CommandLine.arguments.dropFirst() {
  let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  let symbols = graph.symbols.filter { !$0.identifier.precise.contains("::SYNTHESIZED::") }
  count += symbols.count
  undocumented += symbols.filter { $0.docComment == nil }.map { symbol in
    let place = symbol.location.map { "\($0.uri):\($0.position.line + 1)" } ?? "somewhere"
    return "\(place): \(symbol.kind.displayName) \(symbol.pathComponents.joined(separator: ".")) has no doc comment"
  }
}
for line in undocumented.sorted() { print(line) }
print("\(count) public symbols, \(undocumented.count) without a doc comment")
exit(undocumented.isEmpty && count > 0 ? 0 : 1)
