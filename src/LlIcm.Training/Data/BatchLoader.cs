using System.Runtime.ExceptionServices;

namespace LlIcm.Training.Data;

/// <summary>
/// Makes batches on background threads, ahead of their use, and hands them out in the order of their steps: however
/// many
/// threads there are, the sequence is the same. To be used by one consumer at a time.
/// </summary>
/// <typeparam name="T">A batch. Batches that are never handed out are disposed of where they can be.</typeparam>
public sealed class BatchLoader<T> : IDisposable
{
    private readonly Func<long, T> _make;
    private readonly int _ahead;
    private readonly object _lock = new();
    private readonly Dictionary<long, (T? Batch, Exception? Error)> _ready = [];
    private readonly Thread[] _threads;
    private long _position, _next;
    private int _generation;
    private bool _stopped;

    /// <summary>Starts the threads.</summary>
    /// <param name="make">Makes the batch of a step; a pure function of the step, called on several threads at
    /// once.</param>
    /// <param name="threads">How many threads, at least 1.</param>
    /// <param name="ahead">How many batches may be finished or under way ahead of the one taken next, at least
    /// 1.</param>
    /// <param name="start">The first step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public BatchLoader(Func<long, T> make, int threads = 1, int ahead = 4, long start = 0)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        _make = make;
        _ahead = ahead;
        _position = _next = start;
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"batches {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>The step whose batch <see cref="Next"/> hands out.</summary>
    public long Position
    {
        get
        {
            lock (_lock) return _position;
        }
    }

    /// <summary>Waits for the batch of the current step and moves on to the next step.</summary>
    /// <param name="cancel">Ends the waiting.</param>
    /// <exception cref="ObjectDisposedException">The loader has been disposed of.</exception>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    /// <remarks>Whatever the making of the batch threw is thrown here; the position stays.</remarks>
    public T Next(CancellationToken cancel = default)
    {
        using CancellationTokenRegistration registration = cancel.Register(Wake);
        lock (_lock)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(_stopped, this);
                if (_ready.TryGetValue(_position, out (T? Batch, Exception? Error) result))
                {
                    if (result.Error is not null) ExceptionDispatchInfo.Throw(result.Error);
                    _ready.Remove(_position++);
                    Monitor.PulseAll(_lock);
                    return result.Batch!;
                }
                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Goes on with another step; what has been made ahead is thrown away.</summary>
    /// <param name="step">The step, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public void StartAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_lock)
        {
            Forget();
            _generation++;
            _position = _next = step;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Stops the threads; waits for batches under way.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
        foreach (Thread thread in _threads) thread.Join();
        lock (_lock) Forget();
    }

    private void Work()
    {
        while (true)
        {
            long step;
            int generation;
            lock (_lock)
            {
                while (!_stopped && _next >= _position + _ahead) Monitor.Wait(_lock);
                if (_stopped) return;
                step = _next++;
                generation = _generation;
            }
            T? batch = default;
            Exception? error = null;
            try
            {
                batch = _make(step);
            }
            catch (Exception e)
            {
                // Not lost: it is thrown to whoever takes this step's batch.
                error = e;
            }
            lock (_lock)
            {
                if (generation == _generation && !_stopped) _ready[step] = (batch, error);
                else (batch as IDisposable)?.Dispose();
                Monitor.PulseAll(_lock);
            }
        }
    }

    private void Forget()
    {
        foreach ((T? batch, _) in _ready.Values) (batch as IDisposable)?.Dispose();
        _ready.Clear();
    }

    private void Wake()
    {
        lock (_lock) Monitor.PulseAll(_lock);
    }
}
