"""Which payment modes a payer is shown, by the device that the pay page is opened on."""

from enum import StrEnum

from phonepe_simulator.payments.modes import Mode
from phonepe_simulator.settings import Settings


class Device(StrEnum):
    DESKTOP = "desktop"
    ANDROID = "android"
    IOS = "ios"


# PhonePe's documentation shows the QR code on a desktop and UPI apps on a phone, and the UPI ID on both. Since
# 28 February 2026 a merchant may ask for a UPI ID (UPI Collect) on iOS alone, apart from exempt kinds of business.
MODES = {
    Device.DESKTOP: (Mode.UPI_QR, Mode.UPI_COLLECT, Mode.CARD, Mode.NET_BANKING),
    Device.ANDROID: (Mode.UPI_INTENT, Mode.UPI_COLLECT, Mode.CARD, Mode.NET_BANKING),
    Device.IOS: (Mode.UPI_INTENT, Mode.UPI_COLLECT, Mode.CARD, Mode.NET_BANKING),
}
EVERY_MODE = (Mode.UPI_INTENT, Mode.UPI_QR, Mode.UPI_COLLECT, Mode.CARD, Mode.NET_BANKING)
COLLECT_ON = {"ios": {Device.IOS}, "everywhere": set(Device), "nowhere": set[Device]()}


def device_of(user_agent: str) -> Device:
    """Return the kind of device that a User-Agent header names; anything unknown is a desktop."""
    if "Android" in user_agent:
        return Device.ANDROID
    return Device.IOS if any(name in user_agent for name in ("iPhone", "iPad", "iPod")) else Device.DESKTOP


def modes_on(device: Device, settings: Settings) -> tuple[Mode, ...]:
    """Return the modes that the pay page can show on a device, in the order in which it shows them."""
    modes = MODES[device] if settings.modes_by_device else EVERY_MODE
    has_collect = device in COLLECT_ON[settings.upi_collect]
    return tuple(mode for mode in modes if mode is not Mode.UPI_COLLECT or has_collect)
