namespace EventFeatures.Application.Definitions;

/// <summary>A definition file as text. The server never reads a caller's paths.</summary>
/// <param name="Name">The file's name, for errors; a name that ends in <c>.json</c> is read as JSON, any other as YAML.</param>
/// <param name="Text">What it holds.</param>
public sealed record DefinitionFile(string Name, string Text);
