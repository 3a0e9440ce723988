namespace LlIcm.Training.Tests;

public class LossScaleTests
{
    [Fact]
    public void AnOverflowHalvesItAndQuietTimesDoubleIt()
    {
        var scale = new LossScale(wanted: true);
        Assert.Equal(65536, scale.Value);
        Assert.True(scale.Update(finite: false));
        Assert.Equal(32768, scale.Value);
        for (int i = 0; i < 1999; i++) scale.Update(finite: true);
        Assert.Equal(32768, scale.Value);
        scale.Update(finite: true);
        Assert.Equal(65536, scale.Value);
    }

    [Fact]
    public void AtTheLeastScaleAnOverflowIsTheNetworks()
    {
        var scale = new LossScale(wanted: true) { Value = 1 };
        Assert.False(scale.Update(finite: false));
        Assert.Equal(1, scale.Value);
    }

    [Fact]
    public void UnwantedItStaysOne()
    {
        var scale = new LossScale(wanted: false);
        Assert.False(scale.Update(finite: false));
        Assert.Equal(1, scale.Value);
    }
}
