using EventFeatures.Core.Events;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// What is in a definition stream but does not count, because it conflicts with what came before it in the log: two
/// planned it on the same moment, and a stream's expected revision guards that stream alone.
/// </summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Digest">The digest of what was to come into force.</param>
/// <param name="What">For people: <c>DataContract shop.orders 1.0.0</c>.</param>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="Issues">What it conflicts with.</param>
public sealed record NotInForce(string Stream, string Digest, string What, Position Position, IReadOnlyList<DefinitionIssue> Issues);
