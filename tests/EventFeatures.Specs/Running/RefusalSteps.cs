using EventFeatures.Testing.Gherkin;
using Shouldly;

namespace EventFeatures.Specs.Running;

[Binding]
public sealed class RefusalSteps(Office office)
{
    [Then("it is refused with {string}")]
    public void ThenItIsRefused(string code) => office.Refusal.ShouldBe(code);
}
