using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Architecture;

public sealed class ProjectReferenceTests
{
    public static TheoryData<string> Projects => [.. SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_is_listed_for_it(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        AllowedReferences.ByProject.Keys.ShouldContain(name, $"List what {file} may reference in AllowedReferences.");
        var allowed = AllowedReferences.ByProject[name];

        Includes(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Except(allowed.Projects).ShouldBeEmpty();
        Includes(file, "PackageReference").Except(allowed.Packages).ShouldBeEmpty();
        Includes(file, "FrameworkReference").Except(allowed.AspNetCore ? ["Microsoft.AspNetCore.App"] : []).ShouldBeEmpty();
        Includes(file, "Reference").ShouldBeEmpty("A loose assembly has no version and no origin. Reference a package.");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Package_versions_stand_in_one_place(string file) => XDocument.Parse(SourceTree.Read(file)).Descendants()
        .Where(element => element.Name.LocalName == "PackageReference" && (element.Attribute("Version") ?? element.Attribute("VersionOverride")) is not null)
        .ShouldBeEmpty("Put the version into ops/build/Packages.props.");

    [Fact]
    public void What_all_projects_share_brings_nothing_but_build_time_analyzers() => SourceTree.Files
        .Where(file => Path.GetFileName(file) is "Directory.Build.props" or "Directory.Build.targets" or "Build.props" or "Build.targets")
        .SelectMany(file => XDocument.Parse(SourceTree.Read(file)).Descendants())
        .Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference" or "FrameworkReference")
        .ShouldAllBe(element => element.Name.LocalName == "PackageReference" && (string?)element.Attribute("PrivateAssets") == "all");

    [Fact]
    public void A_project_does_not_know_the_vendors_of_another()
    {
        var known =
            from source in SourceTree.Sources
            where AllowedReferences.ForbiddenNamespaces.TryGetValue(source.Project, out var vendors) && vendors.Any(vendor => source.Text.Contains(vendor, StringComparison.Ordinal))
            from name in source.Root.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(directive => directive.NamespaceOrType.ToString())
                .Concat(source.Root.DescendantNodes().OfType<QualifiedNameSyntax>().Select(qualified => qualified.ToString()))
            let vendor = AllowedReferences.ForbiddenNamespaces[source.Project].FirstOrDefault(vendor => Starts(name, vendor))
            where vendor is not null
            select $"{source.Path} uses {name}";

        known.Distinct().ShouldBeEmpty();
    }

    private static bool Starts(string name, string vendor)
    {
        var bare = name.Replace("global::", "", StringComparison.Ordinal);
        return bare == vendor || bare.StartsWith(vendor + ".", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Includes(string file, string element) => XDocument.Parse(SourceTree.Read(file)).Descendants()
        .Where(found => found.Name.LocalName == element).Select(found => (string?)found.Attribute("Include")).OfType<string>();
}
