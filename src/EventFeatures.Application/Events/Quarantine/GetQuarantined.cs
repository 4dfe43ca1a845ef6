using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using MediatR;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>One event that is or was kept aside, in full. An event's own id may have several entries: each is given.</summary>
/// <param name="Id">The entry's id, or the event's.</param>
public sealed record GetQuarantined(Guid Id) : IRequest<IReadOnlyList<QuarantineEntry>>;

internal sealed class GetQuarantinedHandler(IEventLog log, IRegistry registry) : IRequestHandler<GetQuarantined, IReadOnlyList<QuarantineEntry>>
{
    public Task<IReadOnlyList<QuarantineEntry>> Handle(GetQuarantined request, CancellationToken cancellationToken) =>
        new QuarantineStreams(log, registry).FindAsync(request.Id, cancellationToken);
}
