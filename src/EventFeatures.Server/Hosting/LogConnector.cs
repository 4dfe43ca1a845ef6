using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Hosting;

/// <summary>Connects to other logs by their connection strings.</summary>
internal sealed class LogConnector(TimeProvider time, ILoggerFactory loggers) : ILogConnector
{
    public ConnectedLog Connect(string connectionString, bool keepsOrder)
    {
        var log = EventStoreLog.Connect(connectionString, time, loggers, keepsOrder);
        return new ConnectedLog(log, log);
    }
}
