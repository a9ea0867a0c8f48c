"""Django's admin classes as the generics that type checkers take them for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.forms import ModelForm
else:
    from django import forms
    from django.contrib import admin

    class _Generic:
        def __class_getitem__(cls, _models: object) -> type:
            return cls

    class ModelAdmin(_Generic, admin.ModelAdmin):
        pass

    class TabularInline(_Generic, admin.TabularInline):
        pass

    class ModelForm(_Generic, forms.ModelForm):
        pass


__all__ = ["ModelAdmin", "ModelForm", "TabularInline"]
