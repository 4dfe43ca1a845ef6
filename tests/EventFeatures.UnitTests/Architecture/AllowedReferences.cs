namespace EventFeatures.UnitTests.Architecture;

/// <summary>
/// Everything that a project may reference, by name. What is not listed here fails the build: a new edge or package
/// is a decision, and this is where it is taken.
/// </summary>
internal sealed record AllowedReferences(string[] Projects, string[] Packages, bool AspNetCore = false)
{
    private const string LockStandIn = "Patched.DistributedLock.Postgres";

    public static readonly IReadOnlyDictionary<string, AllowedReferences> ByProject = new Dictionary<string, AllowedReferences>
    {
        ["EventFeatures.Core"] = new([], []),
        ["EventFeatures.Application"] = new(
            ["EventFeatures.Core"],
            ["MediatR", "FluentValidation", "FluentValidation.DependencyInjectionExtensions", "YamlDotNet"]),
        ["EventFeatures.Log"] = new(
            ["EventFeatures.Core"],
            ["Npgsql", "Google.Protobuf", "Grpc.AspNetCore", "Grpc.Net.Client", "Grpc.Tools"], AspNetCore: true),
        ["EventFeatures.Views"] = new(
            ["EventFeatures.Core", LockStandIn],
            ["Marten", "Npgsql", "Parquet.Net"]),
        ["EventFeatures.Inference"] = new(
            ["EventFeatures.Core"],
            ["Microsoft.ML.OnnxRuntime", "Google.Protobuf", "Grpc.Tools"]),
        ["EventFeatures.Server"] = new(
            ["EventFeatures.Application", "EventFeatures.Log", "EventFeatures.Views", "EventFeatures.Inference"],
            [
                "Grpc.AspNetCore", "Grpc.AspNetCore.HealthChecks", "Grpc.AspNetCore.Server.Reflection", "Grpc.Tools",
                "Microsoft.AspNetCore.Grpc.JsonTranscoding", "Npgsql.OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol",
                "OpenTelemetry.Exporter.Prometheus.AspNetCore", "OpenTelemetry.Extensions.Hosting", "OpenTelemetry.Instrumentation.AspNetCore",
            ], AspNetCore: true),
        ["EventFeatures.Cli"] = new(["EventFeatures.Server"], ["System.CommandLine", "CsvHelper"]),
        ["EventFeatures.Testing"] = new(
            ["EventFeatures.Cli"],
            ["xunit", "Shouldly", "Gherkin", "Microsoft.Extensions.TimeProvider.Testing", "CsCheck"]),
        ["EventFeatures.UnitTests"] = new(
            ["EventFeatures.Testing"],
            ["Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio", "Shouldly", "CsCheck", "Microsoft.CodeAnalysis.CSharp"]),
        ["EventFeatures.IntegrationTests"] = new(
            ["EventFeatures.Testing"],
            ["Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio", "Shouldly", "CsCheck", "DuckDB.NET.Data.Full"]),
        ["EventFeatures.Specs"] = new(
            ["EventFeatures.Testing"],
            ["Microsoft.NET.Test.Sdk", "xunit", "xunit.runner.visualstudio", "Shouldly"]),
        ["EventFeatures.Benchmarks"] = new(["EventFeatures.Testing"], ["DuckDB.NET.Data.Full", "Grpc.AspNetCore", "Grpc.Tools", "Marten"], AspNetCore: true),
        [LockStandIn] = new([], ["DistributedLock.Postgres", "Npgsql"]),
    };

    /// <summary>Namespaces of the vendors that a project must not know, even where a package brings them along.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> ForbiddenNamespaces = new Dictionary<string, string[]>
    {
        ["EventFeatures.Core"] = ["Marten", "JasperFx", "Weasel", "Npgsql", "Grpc", "Google", "Microsoft", "MediatR", "FluentValidation", "YamlDotNet", "Parquet"],
        ["EventFeatures.Application"] = ["Marten", "JasperFx", "Weasel", "Npgsql", "Grpc", "Google", "Microsoft.ML", "Microsoft.AspNetCore", "Parquet"],
        ["EventFeatures.Log"] = ["Marten", "JasperFx", "Weasel", "Microsoft.ML", "MediatR"],
        ["EventFeatures.Views"] = ["Grpc", "Google", "Microsoft.ML", "MediatR", "Microsoft.AspNetCore"],
        ["EventFeatures.Inference"] = ["Marten", "JasperFx", "Weasel", "Npgsql", "Grpc", "MediatR", "Microsoft.AspNetCore"],
    };
}
