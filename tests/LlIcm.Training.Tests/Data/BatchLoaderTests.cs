using LlIcm.Training.Data;

namespace LlIcm.Training.Tests.Data;

public class BatchLoaderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    [InlineData(8, 16)]
    public void Batches_come_in_order_whatever_the_threads(int threads, int ahead)
    {
        using BatchLoader<long> loader = new(step =>
        {
            Thread.Sleep((int)(step * 7 % 4));
            return step * step;
        }, threads, ahead);
        for (long step = 0; step < 60; step++) Assert.Equal(step * step, loader.Next());
        Assert.Equal(60, loader.Position);
    }

    [Fact]
    public void It_goes_on_where_it_is_told_to()
    {
        using BatchLoader<long> loader = new(step => step, threads: 3, ahead: 5, start: 10);
        Assert.Equal(10, loader.Next());
        Assert.Equal(11, loader.Next());
        loader.StartAt(1000);
        Assert.Equal(1000, loader.Position);
        Assert.Equal(1000, loader.Next());
        loader.StartAt(3);
        Assert.Equal(3, loader.Next());
        Assert.Equal(4, loader.Next());
    }

    [Fact]
    public void It_makes_no_more_than_asked_ahead()
    {
        long highest = 0;
        using BatchLoader<long> loader = new(step =>
        {
            InterlockedMax(ref highest, step);
            return step;
        }, threads: 4, ahead: 3);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(i, loader.Next());
            Assert.True(Interlocked.Read(ref highest) <= i + 3);
        }

        static void InterlockedMax(ref long location, long value)
        {
            long seen = Interlocked.Read(ref location);
            while (value > seen) seen = Math.Max(seen, Interlocked.CompareExchange(ref location, value, seen));
        }
    }

    [Fact]
    public void An_error_is_thrown_at_its_step_and_not_before()
    {
        using BatchLoader<long> loader = new(
            step => step == 2 ? throw new InvalidDataException("the third is bad") : step, threads: 2);
        Assert.Equal(0, loader.Next());
        Assert.Equal(1, loader.Next());
        Assert.Equal("the third is bad", Assert.Throws<InvalidDataException>(() => loader.Next()).Message);
        loader.StartAt(3);
        Assert.Equal(3, loader.Next());
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using ManualResetEventSlim gate = new();
        BatchLoader<int> loader = new(_ =>
        {
            gate.Wait();
            return 1;
        });
        using CancellationTokenSource cancel = new(50);
        Assert.Throws<OperationCanceledException>(() => loader.Next(cancel.Token));
        gate.Set();
        Assert.Equal(1, loader.Next());
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loader.Next());
    }

    [Fact]
    public void What_is_not_handed_out_is_disposed_of()
    {
        int alive = 0;
        BatchLoader<Resource> loader = new(_ => new Resource(() => Interlocked.Decrement(ref alive), ref alive), 2, 6);
        loader.Next().Dispose();
        loader.StartAt(5);
        loader.Next().Dispose();
        loader.Dispose();
        Assert.Equal(0, alive);
    }

    private sealed class Resource : IDisposable
    {
        private readonly Action _end;

        public Resource(Action end, ref int alive)
        {
            _end = end;
            Interlocked.Increment(ref alive);
        }

        public void Dispose() => _end();
    }
}
