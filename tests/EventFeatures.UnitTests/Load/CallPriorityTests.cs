using EventFeatures.Api.V1;
using EventFeatures.Server.Load;
using Google.Protobuf.Reflection;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Load;

public sealed class CallPriorityTests
{
    // All there are, so that no service can be forgotten.
    private static IEnumerable<ServiceDescriptor> Services =>
        from type in typeof(EventFeatures.Api.V1.Events).Assembly.GetTypes()
        where type.Namespace == typeof(EventFeatures.Api.V1.Events).Namespace && type is { IsAbstract: true, IsSealed: true }
        let descriptor = type.GetProperty("Descriptor")
        where descriptor?.PropertyType == typeof(ServiceDescriptor)
        select (ServiceDescriptor)descriptor.GetValue(null)!;

    [Fact]
    public void Every_method_of_the_api_has_a_priority_and_no_other() =>
        CallPriorities.Methods.Order(StringComparer.Ordinal).ShouldBe(
            Services.SelectMany(service => service.Methods).Select(method => $"/{method.Service.FullName}/{method.Name}").Order(StringComparer.Ordinal));

    [Fact]
    public void Predictions_and_outcomes_go_before_appends_and_these_before_imports_and_these_before_training()
    {
        CallPriorities.Of("/eventfeatures.v1.Inference/Predict").ShouldBe(CallPriority.Serving);
        CallPriorities.Of("/eventfeatures.v1.Inference/RecordOutcome").ShouldBe(CallPriority.Serving);
        CallPriorities.Of(AppendPriority.Normal).ShouldBe(CallPriority.Writing);
        CallPriorities.Of(AppendPriority.Bulk).ShouldBe(CallPriority.Bulk);
        CallPriorities.Of("/eventfeatures.v1.Registry/TrainModel").ShouldBe(CallPriority.Background);
        CallPriorities.Of("/grpc.health.v1.Health/Check").ShouldBeNull("health is answered whatever happens");
    }
}
