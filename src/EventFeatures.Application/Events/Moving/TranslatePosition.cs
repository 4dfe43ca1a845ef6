using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using MediatR;

namespace EventFeatures.Application.Events.Moving;

/// <summary>What another log meant by a position, here; that log was copied into this one.</summary>
/// <param name="There">The position there, such as a checkpoint or a consistency token.</param>
public sealed record TranslatePosition(Position There) : IRequest<Position>;

internal sealed class TranslatePositionHandler(PositionMaps maps) : IRequestHandler<TranslatePosition, Position>
{
    public async Task<Position> Handle(TranslatePosition request, CancellationToken cancellationToken) =>
        await maps.OfLastSourceAsync(request.There, cancellationToken)
        ?? throw Decision.Rejected("position-map-missing", "No log was copied into this one, so its positions are its own.", "Ask the server of the log that a copy was made to.");
}
