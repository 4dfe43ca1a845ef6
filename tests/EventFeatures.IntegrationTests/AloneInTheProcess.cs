using Xunit;

namespace EventFeatures.IntegrationTests;

/// <summary>Tests that measure the whole process, or keep all its processors busy, and so run while no other test does.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
